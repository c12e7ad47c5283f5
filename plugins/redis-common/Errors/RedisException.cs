using System.Text;

namespace Penstock.Redis;

/// <summary>The server answered with an error.</summary>
public sealed class RedisException : RedisClientException
{
    const int MaxLength = 512;

    RedisException(string code, string message)
        : base(RedisErrors.KindOf(code, message), message, innerException: null) => Code = code;

    /// <summary>The first word of the server's text: <c>NOGROUP</c>, <c>WRONGTYPE</c>, or <c>ERR</c> when there is no better one.</summary>
    public string Code { get; }

    /// <inheritdoc/>
    public override string Remedy => RedisErrors.RemedyOf(Code);

    public static RedisException From(RespValue error) => From(error.Span);

    public static RedisException From(ReadOnlySpan<byte> text)
    {
        var message = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLength)]);
        return new RedisException(RedisErrors.CodeOf(message), message);
    }
}
