using Penstock;
using Penstock.Redis;
using Penstock.Sinks.RedisStreams;
using Penstock.Sinks.RedisStreams.Atomic;
using Penstock.Sinks.RedisStreams.Cluster;

[assembly: Plugin("redis-streams", typeof(RedisStreamsPlugin))]

namespace Penstock.Sinks.RedisStreams;

public sealed class RedisStreamsPlugin : SinkPlugin<RedisStreamsOptions>
{
    public override string Summary => "Adds events to Redis streams.";

    public override SinkTraits Traits => TraitsWith(Durability.Unknown);

    public override SinkTraits GetTraits(RedisStreamsOptions options) => TraitsWith(Durability.Unknown, options.Atomic);

    internal static SinkTraits TraitsWith(Durability durability, bool storesPositions = false) =>
        new() { Durability = durability, StoresPositions = storesPositions, MissingPositionIsLoss = storesPositions, NeverBlocksSockets = true };

    public override void Validate(RedisStreamsOptions options, ConfigReport report)
    {
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
        if (!StreamTemplate.TryParse(options.Stream, out var template, out var problem))
        {
            report.Add("/stream", problem);
        }
        else if (template.HasShard != options.Shards > 1)
        {
            report.Add("/shards", $"shards and {{shard}} in the stream's name belong together; found shards {options.Shards} and \"{options.Stream}\".");
        }

        if (options.Atomic && template is not null && PositionKey.IsImpossible(options, template, out var reason))
        {
            report.Add("/atomic", reason);
        }

        if (options is { MaxLength: not null, MaxAge: not null })
        {
            report.Add("/maxAge", "Redis trims by maxLength or by maxAge, not by both; leave one out.");
        }

        if (options is { ExactTrim: true, MaxLength: null, MaxAge: null })
        {
            report.Add("/exactTrim", "exactTrim needs maxLength or maxAge; give one, or leave it out.");
        }
    }

    public override ValueTask CheckAsync(RedisStreamsOptions options, SinkContext context, CheckReport report, CancellationToken cancellationToken) =>
        new SinkCheck(options, report).RunAsync(
            new RedisCheck(new RedisServers(options.Connection, context), options.Connection, report), cancellationToken);

    public override ISink Create(RedisStreamsOptions options, SinkContext context) => options switch
    {
        { Atomic: true } => new AtomicStreamsSink(options, context),
        { Connection.Topology: RedisTopology.Cluster } => new ClusterStreamsSink(options, context),
        _ => new RedisStreamsSink(options, context),
    };
}
