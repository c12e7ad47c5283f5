using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Encodes events as the XADD commands of transactions; the JSON goes straight into what is sent.</summary>
sealed class EntryEncoder : IDisposable
{
    readonly StreamTemplate _stream;
    readonly int _shards;
    readonly StreamTrim _trim;
    readonly EventJsonWriter _json;

    public EntryEncoder(RedisStreamsOptions options, TimeProvider time)
    {
        _stream = StreamTemplate.Parse(options.Stream, "stream");
        _shards = options.Shards;
        _trim = new StreamTrim(options, time);
        _json = new EventJsonWriter(Commands);
    }

    public CommandBuffer Commands { get; } = new();

    /// <summary>Forgets what was encoded before.</summary>
    public void Clear()
    {
        _trim.Begin();
        Commands.Clear();
    }

    public void BeginTransaction()
    {
        Commands.Begin(1);
        Commands.Add("MULTI"u8);
    }

    public void EndTransaction()
    {
        Commands.Begin(1);
        Commands.Add("EXEC"u8);
    }

    /// <summary>Adds an event, and returns the length of its JSON in bytes.</summary>
    public int Add(ChangeEvent change)
    {
        BeginEntry();
        Commands.BeginArgument();
        _stream.Write(change, _shards, Commands);
        Commands.EndArgument();
        return EndEntry(change);
    }

    /// <summary>As the other one, when the stream is known.</summary>
    public int Add(ChangeEvent change, ReadOnlySpan<byte> stream)
    {
        BeginEntry();
        Commands.Add(stream);
        return EndEntry(change);
    }

    public void Dispose() => _json.Dispose();

    void BeginEntry()
    {
        Commands.Begin(9 + _trim.ArgumentCount);
        Commands.Add("XADD"u8);
    }

    int EndEntry(ChangeEvent change)
    {
        _trim.AddTo(Commands);
        Commands.Add("*"u8);
        Commands.Add("id"u8);
        Commands.BeginArgument();
        change.WriteId(Commands);
        Commands.EndArgument();
        Commands.Add("key"u8);
        Commands.BeginArgument();
        _json.WriteKey(change);
        Commands.EndArgument();
        Commands.Add("event"u8);
        Commands.BeginArgument();
        _json.Write(change);
        return Commands.EndArgument();
    }
}
