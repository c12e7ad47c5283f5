using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Encodes events as the XADD commands of one transaction; the JSON goes straight into what is sent.</summary>
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

    public void BeginTransaction()
    {
        _trim.Begin();
        Commands.Clear();
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
        Commands.Begin(9 + _trim.ArgumentCount);
        Commands.Add("XADD"u8);
        Commands.BeginArgument();
        _stream.Write(change, _shards, Commands);
        Commands.EndArgument();
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

    public void Dispose() => _json.Dispose();
}
