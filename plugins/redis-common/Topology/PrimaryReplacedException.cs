namespace Penstock.Redis;

/// <summary>The connection was ended because its server is not the primary any more.</summary>
sealed class PrimaryReplacedException(string message) : RedisConnectionException(message);
