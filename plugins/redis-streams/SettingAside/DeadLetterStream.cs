using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// Sets aside entries that were handed out too often: whoever got them died, or never settled them. They are in another stream before they are acknowledged, so that a crash
/// in between repeats them there and loses none.
/// </summary>
sealed class DeadLetterStream : IAsyncDisposable
{
    const int PageSize = 1000;
    const int OwnFields = 4;

    static readonly HashSet<StreamId> None = [];

    readonly RedisStreamsOptions _options;
    readonly ControlConnection _control;
    readonly ControlConnection? _target;
    readonly ILogger _log;
    readonly Counter<long> _count;
    readonly KeyValuePair<string, object?>[] _labels;

    public DeadLetterStream(RedisStreamsOptions options, ControlConnection control, RedisServers servers, SourceContext context, ILogger log)
    {
        _options = options;
        _control = control;

        // It may lie on another server.
        _target = options.DeadLetterStream is { } target ? new ControlConnection(servers, Encoding.UTF8.GetBytes(target)) : null;
        _log = log;
        _labels = [new("pipeline", context.Pipeline), new("source", context.Instance)];
        _count = context.Meter.CreateCounter<long>(
            "penstock_source_dead_letters_total", "{entry}", "Entries that the source has set aside, because they were handed out too often.");
        _count.Add(0, _labels);
    }

    /// <summary>Writes those of a page that were handed out too often into the dead letter stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="holder">The consumer that has them pending.</param>
    /// <param name="page">Pairs of an id and its fields, in order.</param>
    /// <param name="inFlight">What is in flight here, which nobody sets aside.</param>
    /// <param name="cancellationToken">Ends it; what is not acknowledged comes again.</param>
    /// <returns>Their ids, to be acknowledged.</returns>
    public async ValueTask<HashSet<StreamId>> TakeAsync(
        StreamState stream, string holder, RespValue page, InFlightEntries inFlight, CancellationToken cancellationToken)
    {
        if (_options.DeadLetterStream is not { } target || page.Count == 0)
        {
            return None;
        }

        // Before the server is asked: what is settled meanwhile is not pending any more.
        var skip = inFlight.Snapshot(stream, anyGeneration: true);
        var deliveries = await _control.UseAsync(
            connection => CountAsync(connection, stream, holder, page, cancellationToken), cancellationToken).ConfigureAwait(false);
        var taken = new HashSet<StreamId>();
        for (var i = 0; i < page.Count && deliveries.Count > 0; i++)
        {
            var entry = page[i];
            var id = StreamId.Parse(entry[0].Span);
            if (deliveries.TryGetValue(id, out var count) && !skip.Contains(id) && !entry[1].IsNull)
            {
                await _target!.UseAsync(
                    connection => connection.ExecuteAsync(Add(target, stream, id, count, entry[1]), TimeSpan.Zero, cancellationToken), cancellationToken).ConfigureAwait(false);
                _log.EntryIsSetAside(id, stream.Name, count, target);
                _count.Add(1, _labels);
                taken.Add(id);
            }
        }

        return taken;
    }

    public ValueTask DisposeAsync() => _target?.DisposeAsync() ?? default;

    // Those of the page's span that were handed out too often, with how often.
    async ValueTask<Dictionary<StreamId, long>> CountAsync(
        RedisConnection connection, StreamState stream, string holder, RespValue page, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<StreamId, long>();
        var from = page[0][0].AsText();
        var to = page[page.Count - 1][0].AsText();
        while (true)
        {
            var pending = await connection.ExecuteAsync(
                ["XPENDING", stream.Name, _options.Group!, from, to, $"{PageSize}", holder], cancellationToken).ConfigureAwait(false);
            foreach (var entry in pending.Items)
            {
                if (entry[3].AsInt64() > _options.MaxDeliveries)
                {
                    counts[StreamId.Parse(entry[0].Span)] = entry[3].AsInt64();
                }
            }

            if (pending.Count < PageSize)
            {
                return counts;
            }

            from = $"({pending[pending.Count - 1][0].AsText()}";
        }
    }

    CommandBuffer Add(string target, StreamState stream, StreamId id, long deliveries, RespValue fields)
    {
        var command = new CommandBuffer();
        command.Begin(3 + (2 * OwnFields) + fields.Count);
        command.Add("XADD"u8);
        command.Add(target);
        command.Add("*"u8);
        command.Add("dead-letter-stream"u8);
        command.Add(stream.NameBytes);
        command.Add("dead-letter-id"u8);
        id.AddTo(command);
        command.Add("dead-letter-group"u8);
        command.Add(_options.Group!);
        command.Add("dead-letter-deliveries"u8);
        command.Add(deliveries);
        foreach (var field in fields.Items)
        {
            command.Add(field.Span);
        }

        return command;
    }
}
