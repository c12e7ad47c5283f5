namespace Penstock.Redis;

/// <summary>The server cannot be reached, went away, or did not answer in time; or its certificate is refused.</summary>
public class RedisConnectionException : RedisClientException
{
    public RedisConnectionException(FailureKind kind, string message, Exception? innerException)
        : base(kind, message, innerException)
    {
    }

    public RedisConnectionException(string message, Exception? innerException)
        : this(FailureKind.Transient, message, innerException)
    {
    }

    public RedisConnectionException(string message)
        : this(message, innerException: null)
    {
    }
}
