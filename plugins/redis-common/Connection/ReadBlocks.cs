using System.Buffers;
using System.Runtime.InteropServices;

namespace Penstock.Redis;

/// <summary>
/// Where the pipe reads into: 32 KiB arrays that belong to the garbage collector and are not used twice, so that a value can be a slice
/// of what was read and stay valid for ever, without a copy and without a lease. Only <see cref="ReuseEarlier"/> allows it.
/// </summary>
/// <remarks>
/// A pooled array would be overwritten under the slices that still point to it. What a read left free is handed out again by
/// <see cref="Reclaim"/>: those bytes were never seen by anybody, and a one-line reply does not cost 32 KiB.
/// </remarks>
sealed class ReadBlocks : MemoryPool<byte>
{
    public const int BlockSize = 32 * 1024;

    /// <summary>What the pipe asks for; also the smallest rest worth reading into.</summary>
    public const int ReadSize = 4 * 1024;

    readonly Owner _owner = new();
    byte[] _block = [];
    byte[] _earlier = [];
    bool _mayReuse;
    int _used;

    /// <summary>No limit: above its pool's limit a pipe would rent from the shared, recycling pool.</summary>
    public override int MaxBufferSize => Array.MaxLength;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (_block.Length - _used < Math.Max(minBufferSize, ReadSize))
        {
            var reused = _mayReuse && _earlier.Length >= Math.Max(minBufferSize, BlockSize);
            (_earlier, _block) = (_block, reused ? _earlier : GC.AllocateUninitializedArray<byte>(Math.Max(minBufferSize, BlockSize)));
            _mayReuse = false;
            _used = 0;
        }

        var rest = _block.AsMemory(_used);
        _used = _block.Length;
        // The pipe holds one at a time, as everything is consumed after each read; were it not so, a second one is no mistake.
        var owner = _owner.IsFree ? _owner : new Owner();
        owner.Lend(rest);
        return owner;
    }

    /// <summary>What lies in blocks before this one is looked at by nobody any more.</summary>
    public void ReuseEarlier() => _mayReuse = true;

    /// <summary>Takes back what lies behind the last byte read. Only right before the pipe is told that everything was consumed.</summary>
    public void Reclaim(ReadOnlyMemory<byte> lastSegment)
    {
        if (MemoryMarshal.TryGetArray(lastSegment, out var segment) && ReferenceEquals(segment.Array, _block))
        {
            _used = segment.Offset + segment.Count;
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    sealed class Owner : IMemoryOwner<byte>
    {
        public bool IsFree { get; private set; } = true;

        public Memory<byte> Memory { get; private set; }

        public void Lend(Memory<byte> memory)
        {
            Memory = memory;
            IsFree = false;
        }

        public void Dispose() => IsFree = true;
    }
}
