using System.Buffers.Binary;

namespace Penstock;

/// <summary>
/// Builds rows one after another in blocks that many rows share. Not thread-safe: one builder per reader.
/// </summary>
/// <remarks>
/// A block lives as long as any row in it, so blocks are small; a row that does not fit gets a block of its own.
/// </remarks>
public sealed class RowBuilder
{
    const int BlockSize = 32 * 1024;

    byte[] _block = [];
    int _used;
    int _start;
    int _field;
    RowSchema? _schema;

    /// <summary>Starts a row; what an unfinished row had is dropped.</summary>
    public void Begin(RowSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _schema = schema;
        _start = _used;
        _field = 0;
        Reserve(schema.Count * Row.HeaderSize);
        _used += schema.Count * Row.HeaderSize;
    }

    /// <summary>Adds the next field's value.</summary>
    public void Append(ReadOnlySpan<byte> value) => value.CopyTo(AppendUninitialized(value.Length).Span);

    /// <summary>Adds the next field's value of this length, for the caller to fill before the next call.</summary>
    /// <exception cref="PluginException">The row would exceed 1 GiB.</exception>
    public Memory<byte> AppendUninitialized(int length)
    {
        Reserve(length);
        var value = _block.AsMemory(_used, length);
        _used += length;
        EndField(FieldState.Present);
        return value;
    }

    /// <summary>Adds the next field without a value.</summary>
    public void Append(FieldState state)
    {
        if (state == FieldState.Present)
        {
            throw new ArgumentException("A present field needs a value.", nameof(state));
        }

        EndField(state);
    }

    /// <summary>Finishes the row.</summary>
    /// <exception cref="InvalidOperationException">Fields are missing.</exception>
    public Row Build()
    {
        if (_schema is null || _field != _schema.Count)
        {
            throw new InvalidOperationException($"The row has {_field} of {_schema?.Count ?? 0} fields.");
        }

        var row = new Row(_schema, _block, _start, _used - _start);
        _schema = null;
        return row;
    }

    void EndField(FieldState state)
    {
        if (_schema is null || _field == _schema.Count)
        {
            throw new InvalidOperationException("The row has no further field.");
        }

        var end = _used - _start - (_schema.Count * Row.HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan(_start + (_field * Row.HeaderSize)), Row.PackHeader(end, state));
        _field++;
    }

    void Reserve(int length)
    {
        if (_block.Length - _used >= length)
        {
            return;
        }

        var row = _used - _start;
        if ((long)row + length > Row.MaxLength)
        {
            throw new PluginException(FailureKind.Permanent, $"A row of {(long)row + length} bytes exceeds the limit of {Row.MaxLength} bytes.");
        }

        // Doubling keeps a growing row linear.
        var block = GC.AllocateUninitializedArray<byte>(Math.Max(BlockSize, row + Math.Max(row, length)));
        _block.AsSpan(_start, row).CopyTo(block);
        _block = block;
        _start = 0;
        _used = row;
    }
}
