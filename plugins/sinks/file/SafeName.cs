using System.Security.Cryptography;
using System.Text;

namespace Penstock.Sinks.File;

/// <summary>
/// Turns any bytes into a part of a file name. Injective: bytes outside <c>A-Z a-z 0-9 _ - .</c> and a leading dot become <c>%XX</c>,
/// nothing becomes <c>%empty</c>, and what is too long ends in <c>~</c> and a hash, neither of which the rest can produce.
/// </summary>
static class SafeName
{
    /// <summary>The least room a value needs: a readable start, and the hash.</summary>
    public const int MinLimit = 64;

    /// <summary>What a regular expression must match to match every name that <see cref="Append"/> makes.</summary>
    public const string Pattern = "[A-Za-z0-9_.%~-]+";

    const int HashBytes = 16;
    const int HashLength = 1 + (HashBytes * 2);

    public static void Append(StringBuilder path, ReadOnlySpan<byte> value, int limit)
    {
        if (value.IsEmpty)
        {
            path.Append("%empty");
            return;
        }

        var start = path.Length;
        for (var i = 0; i < value.Length && path.Length - start <= limit; i++)
        {
            var b = value[i];
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'-' || (b == '.' && i > 0))
            {
                path.Append((char)b);
            }
            else
            {
                path.Append('%').Append(b.ToString("X2", null));
            }
        }

        if (path.Length - start > limit)
        {
            path.Length = start + limit - HashLength;
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(value, hash);
            path.Append('~').Append(Convert.ToHexString(hash[..HashBytes]));
        }
    }
}
