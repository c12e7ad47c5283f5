using System.Buffers.Binary;
using System.Text;

namespace Penstock;

/// <summary>
/// A shared <see cref="RowSchema"/> and the values as slices of one buffer. Made by <see cref="RowBuilder"/>; costs no allocation of its own.
/// </summary>
/// <remarks>The slice starts with one 32-bit word per field: the end of its value, and two bits of <see cref="FieldState"/>.</remarks>
public readonly struct Row
{
    internal const int HeaderSize = sizeof(uint);
    internal const int MaxLength = (1 << StateShift) - 1;
    const int StateShift = 30;

    readonly byte[] _block;
    readonly int _start;

    internal Row(RowSchema schema, byte[] block, int start, int length)
    {
        Schema = schema;
        _block = block;
        _start = start;
        Length = length;
    }

    /// <summary>The shape.</summary>
    public RowSchema Schema { get; }

    /// <summary>The number of fields.</summary>
    public int Count => Schema.Count;

    /// <summary>The bytes that the row takes in its buffer.</summary>
    internal int Length { get; }

    internal bool IsDefault => _block is null;

    /// <summary>The value's bytes; empty unless the field is <see cref="FieldState.Present"/>.</summary>
    public ReadOnlySpan<byte> this[int index] => GetMemory(index).Span;

    /// <summary>What the row knows about a field.</summary>
    public FieldState GetState(int index) => (FieldState)(Header(index) >> StateShift);

    /// <summary>The value's bytes as memory that may be kept; empty unless the field is <see cref="FieldState.Present"/>.</summary>
    public ReadOnlyMemory<byte> GetMemory(int index)
    {
        var start = index == 0 ? 0 : End(Header(index - 1));
        var end = End(Header(index));
        return _block.AsMemory(_start + (Count * HeaderSize) + start, end - start);
    }

    /// <summary>The value decoded as UTF-8; null unless the field is <see cref="FieldState.Present"/>. Allocates: not for hot paths.</summary>
    public string? GetString(string name)
    {
        var index = Schema.IndexOf(name);
        return index >= 0 && GetState(index) == FieldState.Present ? Encoding.UTF8.GetString(this[index]) : null;
    }

    internal static uint PackHeader(int end, FieldState state) => (uint)end | ((uint)state << StateShift);

    static int End(uint header) => (int)(header & MaxLength);

    uint Header(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
        return BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(_start + (index * HeaderSize)));
    }
}
