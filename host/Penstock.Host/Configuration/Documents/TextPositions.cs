using System.Text;

namespace Penstock.Host.Configuration;

/// <summary>Turns byte offsets of a UTF-8 text into lines and columns, both from 1, as editors count them.</summary>
sealed class TextPositions
{
    readonly byte[] _text;
    readonly List<int> _lineStarts = [0];

    public TextPositions(byte[] text)
    {
        _text = text;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n')
            {
                _lineStarts.Add(i + 1);
            }
        }
    }

    public (int Line, int Column) Of(long offset)
    {
        var at = (int)Math.Min(offset, _text.Length);
        var found = _lineStarts.BinarySearch(at);
        var line = found >= 0 ? found : ~found - 1;
        return (line + 1, Encoding.UTF8.GetCharCount(_text.AsSpan(_lineStarts[line], at - _lineStarts[line])) + 1);
    }

    /// <summary>The place of a zero-based line and byte, as System.Text.Json reports them.</summary>
    public (int Line, int Column) Of(long line, long byteInLine) =>
        Of(_lineStarts[(int)Math.Min(line, _lineStarts.Count - 1)] + byteInLine);
}
