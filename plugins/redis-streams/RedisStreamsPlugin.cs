using Penstock;
using Penstock.Redis;
using Penstock.Sources.RedisStreams;

[assembly: Plugin("redis-streams", typeof(RedisStreamsPlugin))]

namespace Penstock.Sources.RedisStreams;

public sealed class RedisStreamsPlugin : SourcePlugin<RedisStreamsOptions>
{
    public override string Summary => "Reads Redis streams, as a consumer of a group or from a checkpoint of its own.";

    public override IReadOnlyList<SourceTraits> Modes { get; } =
    [
        new SourceTraits
        {
            Mode = "group",
            Guarantee = DeliveryGuarantee.AtLeastOnce,
            CanReplay = true,
            PositionOrder = PositionOrder.None,
            NeverBlocksSockets = true,
            MaxReaders = 64,
            Loss = "Only what is deleted or trimmed before it was acknowledged; reported with its number where the server counts.",
            Order = "The order of each stream; entries that were pending at a restart come first.",
        },
        new SourceTraits
        {
            Mode = "read",
            Guarantee = DeliveryGuarantee.AtLeastOnce,
            CanReplay = true,
            PositionOrder = PositionOrder.Partition,
            NeverBlocksSockets = true,
            MaxReaders = 64,
            Loss = "Only what is deleted or trimmed before it was read; reported with its number where the server counts. A stream that was made anew "
                + "with lower ids stops the source: the position is lost.",
            Order = "The order of each stream.",
        },
    ];

    public override SourceTraits GetTraits(RedisStreamsOptions options) => Modes[options.Mode == StreamsMode.Read ? 1 : 0];

    public override void Validate(RedisStreamsOptions options, ConfigReport report)
    {
        ValidateMode(options, report);
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
        foreach (var (i, stream) in (options.Delayed ?? []).Index())
        {
            if (!options.Streams.Contains(stream))
            {
                report.Add($"/delayed/{i}", $"Expected one of \"streams\", found \"{stream}\".");
            }
        }

        if (options.Delayed is not null && options.Delay is null)
        {
            report.Add("/delayed", "Expected \"delay\" beside it: how old an entry of these streams must be.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < options.Streams.Count; i++)
        {
            if (options.Streams[i].Length == 0)
            {
                report.Add($"/streams/{i}", "Expected the name of a stream, found an empty text.");
            }
            else if (!seen.Add(options.Streams[i]))
            {
                report.Add($"/streams/{i}", $"\"{options.Streams[i]}\" is listed twice; list each stream once.");
            }
        }
    }

    public override ValueTask CheckAsync(RedisStreamsOptions options, SourceContext context, CheckReport report, CancellationToken cancellationToken) =>
        new StreamsCheck(options, report).RunAsync(
            new RedisCheck(new RedisServers(options.Connection, context), options.Connection, report), cancellationToken);

    public override ValueTask DescribePositionAsync(RedisStreamsOptions options, SourceContext context, CheckReport report, CancellationToken cancellationToken) =>
        new GroupPlaces(options, report).RunAsync(
            new RedisCheck(new RedisServers(options.Connection, context), options.Connection, report), cancellationToken);

    public override IChangeSource Create(RedisStreamsOptions options, SourceContext context) => options.Mode == StreamsMode.Read
        ? new CursorSource(options, GetTraits(options), context)
        : new RedisStreamsSource(options, GetTraits(options), context);

    static void ValidateMode(RedisStreamsOptions options, ConfigReport report)
    {
        if (options.Mode == StreamsMode.Group)
        {
            if (options.Group is null)
            {
                report.Add("/group", "Expected the name of the consumer group, found nothing. Without a group, set mode to \"read\".");
            }

            if (options.Ordered && options.ClaimIdle is not null)
            {
                report.Add("/claimIdle", "With \"ordered\", the lease tells who is gone; leave claimIdle out.");
            }

            if (options.DeadLetterStream is { } target && options.Streams.Contains(target))
            {
                report.Add("/deadLetterStream", $"\"{target}\" is read by this source; set its dead letters aside in another stream.");
            }

            return;
        }

        foreach (var (name, isGiven) in (ReadOnlySpan<(string, bool)>)[
            ("group", options.Group is not null), ("consumer", options.Consumer is not null), ("claimIdle", options.ClaimIdle is not null),
            ("ordered", options.Ordered), ("deadLetterStream", options.DeadLetterStream is not null), ("dedupe", options.Dedupe is not null)])
        {
            if (isGiven)
            {
                report.Add($"/{name}", $"{name} is for mode \"group\" only; leave it out, or set mode to \"group\".");
            }
        }
    }
}
