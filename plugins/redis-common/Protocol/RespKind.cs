namespace Penstock.Redis;

/// <summary>What a <see cref="RespValue"/> is. Simple, bulk, verbatim and big-number replies are all <see cref="String"/>.</summary>
public enum RespKind : byte
{
    /// <summary>No value.</summary>
    Null = 0,

    /// <summary>Bytes.</summary>
    String = 1,

    /// <summary>A signed 64-bit number.</summary>
    Integer = 2,

    /// <summary>A floating-point number.</summary>
    Double = 3,

    /// <summary>True or false.</summary>
    Boolean = 4,

    /// <summary>An error; its bytes are the server's text.</summary>
    Error = 5,

    /// <summary>A list of values.</summary>
    Array = 6,

    /// <summary>Names and values in turn.</summary>
    Map = 7,

    /// <summary>A list of values that differ.</summary>
    Set = 8,

    /// <summary>A list of values that the server sent unasked.</summary>
    Push = 9,
}
