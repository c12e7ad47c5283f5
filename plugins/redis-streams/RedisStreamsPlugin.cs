using Penstock;
using Penstock.Redis;
using Penstock.Sources.RedisStreams;

[assembly: Plugin("redis-streams", typeof(RedisStreamsPlugin))]

namespace Penstock.Sources.RedisStreams;

public sealed class RedisStreamsPlugin : SourcePlugin<RedisStreamsOptions>
{
    public override string Summary => "Reads Redis streams as a consumer of a group.";

    public override IReadOnlyList<SourceTraits> Modes { get; } =
    [
        new SourceTraits
        {
            Mode = "group",
            Guarantee = DeliveryGuarantee.AtLeastOnce,
            CanReplay = true,
            PositionOrder = PositionOrder.None,
            NeverBlocksSockets = true,
            Loss = "Only what is deleted or trimmed before it was acknowledged; entries lost while pending are reported with their number.",
            Order = "The order of each stream; entries that were pending at a restart come first.",
        },
    ];

    public override void Validate(RedisStreamsOptions options, ConfigReport report)
    {
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
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

    public override IChangeSource Create(RedisStreamsOptions options, SourceContext context) =>
        new RedisStreamsSource(options, Modes[0], context);
}
