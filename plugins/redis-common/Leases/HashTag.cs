namespace Penstock.Redis;

/// <summary>What a cluster chooses a key's slot by.</summary>
public static class HashTag
{
    /// <summary>The part of a key in braces that lies in the same slot as the key: <c>{orders}</c> for <c>orders</c>, <c>{b}</c> for <c>a{b}c</c>.</summary>
    /// <remarks>
    /// A key with a closing brace and no tag of its own has none, since a tag ends at its first closing brace. Such a name is put in braces all the same, which only a
    /// cluster minds.
    /// </remarks>
    public static string Of(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var close = open < 0 ? -1 : key.IndexOf('}', open);
        return close > open + 1 ? key[open..(close + 1)] : $"{{{key}}}";
    }
}
