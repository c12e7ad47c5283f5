using System.Buffers;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>Encodes a batch as one call of the <see cref="AppendScript"/>.</summary>
sealed class AppendCall : IDisposable
{
    readonly byte[] _positionKey;
    readonly RedisStreamsOptions _options;
    readonly StreamTemplate _template;
    readonly StreamTrim _trim;
    readonly EventJsonWriter _json;
    readonly ArrayBufferWriter<byte> _name = new();
    readonly Dictionary<byte[], int> _streams = new(BytesComparer.Instance);
    readonly List<byte[]> _streamNames = [];
    readonly List<LanePosition> _positions = [];
    readonly List<(int Stream, int Position)> _entries = [];

    public AppendCall(RedisStreamsOptions options, StreamTemplate template, string positionKey, TimeProvider time)
    {
        _positionKey = Encoding.UTF8.GetBytes(positionKey);
        _options = options;
        _template = template;
        _trim = new StreamTrim(options, time);
        _json = new EventJsonWriter(Commands);
    }

    public CommandBuffer Commands { get; } = new();

    /// <summary>Encodes the first events of a batch; after ASKING when asked to.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="count">How many of its events.</param>
    /// <param name="positions">What the lane knows to be stored.</param>
    /// <param name="withText">Whether to send the script itself, which the server does not know.</param>
    /// <param name="asking">Whether the node is just getting the slot.</param>
    /// <param name="maxEntryLength">What the server accepts.</param>
    /// <returns>The place of an event that is larger, or -1; in the first case nothing is encoded.</returns>
    public int Encode(IReadOnlyList<ChangeEvent> batch, int count, LanePositions positions, bool withText, bool asking, long maxEntryLength)
    {
        Sort(batch, count, positions);
        Commands.Clear();
        if (asking)
        {
            Commands.Begin(1);
            Commands.Add("ASKING"u8);
        }

        Commands.Begin(4 + _streamNames.Count + 4 + (2 * _positions.Count) + (6 * count));
        Commands.Add(withText ? "EVAL"u8 : "EVALSHA"u8);
        if (withText)
        {
            Commands.Add(AppendScript.Text);
        }
        else
        {
            Commands.Add(AppendScript.Sha);
        }

        Commands.Add(1 + _streamNames.Count);
        Commands.Add(_positionKey);
        _streamNames.ForEach(name => Commands.Add(name));
        AddTrim();
        Commands.Add(_positions.Count);
        foreach (var position in _positions)
        {
            Commands.Add(position.Field);
            position.AddKnown(Commands);
        }

        for (var i = 0; i < count; i++)
        {
            if (AddEntry(batch[i], _entries[i]) > maxEntryLength)
            {
                return i;
            }
        }

        return -1;
    }

    public void Dispose() => _json.Dispose();

    // Which streams and which positions there are: their numbers come before the entries.
    void Sort(IReadOnlyList<ChangeEvent> batch, int count, LanePositions positions)
    {
        _streams.Clear();
        _streamNames.Clear();
        _positions.Clear();
        _entries.Clear();
        _trim.Begin();
        var streams = _streams.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var i = 0; i < count; i++)
        {
            _name.ResetWrittenCount();
            _template.Write(batch[i], _options.Shards, _name);
            if (!streams.TryGetValue(_name.WrittenSpan, out var stream))
            {
                _streamNames.Add(_name.WrittenSpan.ToArray());
                stream = _streamNames.Count + 1;
                streams[_name.WrittenSpan] = stream;
            }

            _entries.Add((stream, NumberOf(batch[i], positions)));
        }
    }

    int NumberOf(ChangeEvent change, LanePositions positions)
    {
        if (!LanePositions.Has(change))
        {
            return 0;
        }

        var position = positions.Of(change);
        var index = _positions.IndexOf(position);
        if (index < 0)
        {
            _positions.Add(position);
            index = _positions.Count - 1;
        }

        return index + 1;
    }

    void AddTrim()
    {
        if (_trim.ArgumentCount > 0)
        {
            _trim.AddTo(Commands);
            return;
        }

        for (var i = 0; i < StreamTrim.MaxArguments; i++)
        {
            Commands.Add([]);
        }
    }

    int AddEntry(ChangeEvent change, (int Stream, int Position) entry)
    {
        Commands.Add(entry.Stream);
        Commands.Add(entry.Position);
        LanePosition.Add(change.Position.Order, Commands);
        Commands.BeginArgument();
        change.WriteId(Commands);
        Commands.EndArgument();
        Commands.BeginArgument();
        _json.WriteKey(change);
        Commands.EndArgument();
        Commands.BeginArgument();
        _json.Write(change);
        return Commands.EndArgument();
    }
}
