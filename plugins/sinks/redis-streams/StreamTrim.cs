using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>What an XADD removes from the head of its stream: nothing, or what is too much or too old.</summary>
sealed class StreamTrim(RedisStreamsOptions options, TimeProvider time)
{
    /// <summary>The most that <see cref="AddTo"/> adds.</summary>
    public const int MaxArguments = 3;

    readonly byte[] _by = options.ExactTrim ? "="u8.ToArray() : "~"u8.ToArray();
    long _oldest;

    /// <summary>How many arguments <see cref="AddTo"/> adds.</summary>
    public int ArgumentCount => options.MaxLength is null && options.MaxAge is null ? 0 : MaxArguments;

    /// <summary>Takes the time, once for a batch.</summary>
    public void Begin()
    {
        if (options.MaxAge is { } age)
        {
            _oldest = Math.Max(0, (time.GetUtcNow() - age).ToUnixTimeMilliseconds());
        }
    }

    public void AddTo(CommandBuffer commands)
    {
        if (options.MaxLength is { } length)
        {
            commands.Add("MAXLEN"u8);
            commands.Add(_by);
            commands.Add(length);
        }
        else if (options.MaxAge is not null)
        {
            commands.Add("MINID"u8);
            commands.Add(_by);
            commands.Add(_oldest);
        }
    }
}
