using System.Globalization;
using System.Text;

namespace Penstock.Host.Commands;

/// <summary>Makes text from outside fit for a terminal: what moves the cursor, starts a line or turns the direction of writing is spelled out.</summary>
static class Printable
{
    public static string Of(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
            else
            {
                safe.Append(rune);
            }
        }

        return safe.ToString();
    }

    /// <summary>Text as it is, other bytes as hex digits.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "(none)" : System.Text.Unicode.Utf8.IsValid(bytes) ? $"\"{Of(Encoding.UTF8.GetString(bytes))}\"" : $"0x{Convert.ToHexStringLower(bytes)}";
}
