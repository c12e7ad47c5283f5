namespace Penstock.Sources.PostgresWal;

/// <summary>The memory that one message after another is read into.</summary>
sealed class MessageBuffer
{
    const int MaxKept = 1024 * 1024;

    byte[] _kept = new byte[64 * 1024];
    Memory<byte> _message;

    public ReadOnlySpan<byte> Message => _message.Span;

    /// <summary>The place for the next message, over the last one.</summary>
    public Memory<byte> Begin(int length)
    {
        if (length <= MaxKept)
        {
            if (length > _kept.Length)
            {
                _kept = GC.AllocateUninitializedArray<byte>(MaxKept);
            }

            _message = _kept.AsMemory(0, length);
        }
        else
        {
            // A huge row may be one of its kind: its memory goes with it.
            _message = GC.AllocateUninitializedArray<byte>(length);
        }

        return _message;
    }
}
