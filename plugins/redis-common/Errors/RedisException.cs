using System.Text;

namespace Penstock.Redis;

/// <summary>The server answered with an error.</summary>
public sealed class RedisException : RedisClientException
{
    const int MaxLength = 512;

    RedisException(string code, FailureKind kind, string message)
        : base(kind, message, innerException: null) => Code = code;

    /// <summary>The first word of the server's text: <c>NOGROUP</c>, <c>WRONGTYPE</c>, or <c>ERR</c> when there is no better one.</summary>
    public string Code { get; }

    /// <inheritdoc/>
    public override string Remedy => RedisErrors.RemedyOf(Code);

    /// <inheritdoc/>
    public override bool NeedsOtherServer => RedisErrors.NeedsOtherServer(Code);

    /// <summary>Where <c>MOVED</c> and <c>ASK</c> send us; null for other errors.</summary>
    /// <param name="endpoint">The server that answered, as <see cref="RedisConnection.Endpoint"/>.</param>
    public Redirect? Redirect(string endpoint) => Penstock.Redis.Redirect.Parse(Message, RedisEndpoint.Parse(endpoint));

    public static RedisException From(RespValue error) => From(error.Span);

    public static RedisException From(ReadOnlySpan<byte> text)
    {
        var whole = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLength)]);
        var message = RedisErrors.ReasonOf(RedisErrors.WithoutArguments(whole));
        var code = RedisErrors.CodeOf(message);
        return new RedisException(code, RedisErrors.KindOf(code, message), message);
    }

    /// <summary>
    /// The refusal of a command that carried a secret, in our own words: the server may quote the command's arguments.
    /// </summary>
    public static RedisException FromLogIn(RespValue error, string endpoint)
    {
        var refusal = From(error);
        var code = RedisErrors.IsKnown(refusal.Code) ? refusal.Code : "ERR";
        var message = refusal.Message switch
        {
            var text when text.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase) =>
                $"{endpoint} does not know HELLO 3; Redis 6 or newer is needed, with HELLO under its own name.",
            var text when text.StartsWith("ERR max number of clients", StringComparison.OrdinalIgnoreCase) =>
                $"{endpoint} has no room for another client (maxclients).",
            _ => $"{endpoint} refused to let us in (HELLO 3): {code}.",
        };
        return new RedisException(code, refusal.Kind, message);
    }
}
