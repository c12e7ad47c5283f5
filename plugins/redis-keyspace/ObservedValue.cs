namespace Penstock.Sources.RedisKeyspace;

/// <summary>What a key held a moment after something had happened to it.</summary>
/// <param name="At">When it was asked for: what it holds is not older. Null when nobody could be asked.</param>
/// <param name="Type">Redis' name of its type; empty when it has none.</param>
/// <param name="Missing">Why there is no value: gone, tooLarge, unsupported, failed; empty when there is one.</param>
/// <param name="Value">The bytes of a string, or JSON of everything else.</param>
readonly record struct ObservedValue(DateTimeOffset? At, ReadOnlyMemory<byte> Type, string Missing, ReadOnlyMemory<byte> Value)
{
    public const string Gone = "gone";
    public const string TooLarge = "tooLarge";
    public const string Unsupported = "unsupported";
    public const string Failed = "failed";

    public bool IsText => Type.Span.SequenceEqual("string"u8);

    public static ObservedValue Without(string reason, DateTimeOffset? at = null, ReadOnlyMemory<byte> type = default) =>
        new(at, type, reason, default);
}
