namespace Penstock.Redis;

/// <summary>
/// Redis' patterns: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[^a]</c>, <c>[a-z]</c>, and <c>\</c> before a byte that stands for itself.
/// </summary>
static class Glob
{
    /// <summary>Whether the whole text matches, byte by byte, as the server would say.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        var (p, t) = (0, 0);
        var (star, starText) = (-1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, starText) = (++p, t);
            }
            else if (p < pattern.Length && MatchesOne(pattern, ref p, text[t]))
            {
                t++;
            }
            else if (star >= 0)
            {
                // Only the last star needs another try: what came before it already fits.
                (p, t) = (star, ++starText);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart((byte)'*').IsEmpty;
    }

    static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int p, byte value)
    {
        switch (pattern[p++])
        {
            case (byte)'?':
                return true;
            case (byte)'[':
                return MatchesClass(pattern, ref p, value);
            case (byte)'\\' when p < pattern.Length:
                return pattern[p++] == value;
            case var literal:
                return literal == value;
        }
    }

    // A class that is never closed ends with the pattern.
    static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int p, byte value)
    {
        var isNegated = p < pattern.Length && pattern[p] == '^';
        p += isNegated ? 1 : 0;
        var isMatch = false;
        while (p < pattern.Length && pattern[p] != ']')
        {
            if (pattern[p] == '\\' && p + 1 < pattern.Length)
            {
                isMatch |= pattern[p + 1] == value;
                p += 2;
            }
            else if (p + 2 < pattern.Length && pattern[p + 1] == '-')
            {
                var (low, high) = (Math.Min(pattern[p], pattern[p + 2]), Math.Max(pattern[p], pattern[p + 2]));
                isMatch |= value >= low && value <= high;
                p += 3;
            }
            else
            {
                isMatch |= pattern[p++] == value;
            }
        }

        p = Math.Min(p + 1, pattern.Length);
        return isMatch != isNegated;
    }
}
