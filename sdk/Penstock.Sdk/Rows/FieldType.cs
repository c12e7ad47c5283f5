namespace Penstock;

/// <summary>How the bytes of a field are to be read. Values stay in the source's text until somebody needs them.</summary>
public enum FieldType
{
    /// <summary>UTF-8 text, or bytes that may prove not to be UTF-8.</summary>
    Text = 1,

    /// <summary><c>t</c> or <c>f</c>.</summary>
    Boolean = 2,

    /// <summary>Decimal digits with an optional minus sign, at most 64 bits.</summary>
    Integer = 3,

    /// <summary>A binary floating-point number in decimal text, or NaN, Infinity, -Infinity.</summary>
    Float = 4,

    /// <summary>JSON text.</summary>
    Json = 5,

    /// <summary><c>2026-11-20 21:14:00.123456</c>: no offset.</summary>
    Timestamp = 6,

    /// <summary><c>2026-11-20 21:14:00.123456+00</c>: an instant, in UTC.</summary>
    TimestampTz = 7,

    /// <summary>Bytes in hexadecimal text after <c>\x</c>.</summary>
    HexBytes = 8,

    /// <summary>Raw bytes.</summary>
    Bytes = 9,
}
