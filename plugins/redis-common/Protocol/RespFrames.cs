namespace Penstock.Redis;

/// <summary>The aggregates that are open while a value is being parsed, outermost first.</summary>
sealed class RespFrames(int maxDepth)
{
    // A page or a batch of usual size grows once. A header of a few bytes can claim that much only once per level.
    const int FirstStep = 512;

    // An array for one huge reply is not kept, and cleared, for all the small ones after it.
    const int MaxReused = 4096;

    readonly Frame[] _frames = new Frame[maxDepth];
    RespValue[] _last = [];
    RespValue[]? _free;
    int _depth;

    /// <summary>Earlier values are looked at by nobody any more.</summary>
    public void ReuseEarlier()
    {
        if (_last.Length <= MaxReused)
        {
            Array.Clear(_last);
            _free = _last;
        }
    }

    public void Open(RespKind kind, int count, bool isAttribute)
    {
        if (_depth == maxDepth)
        {
            throw new RedisProtocolException($"Expected values nested at most {maxDepth} deep, found a deeper one.");
        }

        _frames[_depth++] = new Frame
        {
            Kind = kind,
            IsAttribute = isAttribute,
            Expected = count,
            Items = _free?.Length >= Math.Min(count, FirstStep) ? _free : new RespValue[Math.Min(count, FirstStep)],
        };
        _free = null;
    }

    /// <summary>Puts a value in its place; true when it, or the aggregate it completed, stands on its own.</summary>
    public bool Add(ref RespValue value)
    {
        while (_depth > 0)
        {
            ref var frame = ref _frames[_depth - 1];
            frame.Add(value);
            if (frame.Count < frame.Expected)
            {
                return false;
            }

            _depth--;
            _last = frame.Items;
            value = RespValue.Aggregate(frame.Kind, frame.Items, frame.Count);
            var isAttribute = frame.IsAttribute;
            frame = default;
            if (isAttribute)
            {
                return false;
            }
        }

        return true;
    }

    struct Frame
    {
        public RespKind Kind;
        public bool IsAttribute;
        public int Expected;
        public int Count;
        public RespValue[] Items;

        public void Add(in RespValue value)
        {
            if (Count == Items.Length)
            {
                Array.Resize(ref Items, Math.Min(Expected, 2 * Count));
            }

            Items[Count++] = value;
        }
    }
}
