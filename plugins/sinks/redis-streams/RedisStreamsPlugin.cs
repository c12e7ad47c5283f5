using Penstock;
using Penstock.Redis;
using Penstock.Sinks.RedisStreams;

[assembly: Plugin("redis-streams", typeof(RedisStreamsPlugin))]

namespace Penstock.Sinks.RedisStreams;

public sealed class RedisStreamsPlugin : SinkPlugin<RedisStreamsOptions>
{
    public override string Summary => "Adds events to Redis streams.";

    public override SinkTraits Traits => RedisStreamsSink.TraitsWith(Durability.Unknown);

    public override void Validate(RedisStreamsOptions options, ConfigReport report)
    {
        RedisConnectionValidator.Validate(options.Connection, "/connection", report);
        if (!StreamTemplate.TryParse(options.Stream, out _, out var problem))
        {
            report.Add("/stream", problem);
        }
    }

    public override ISink Create(RedisStreamsOptions options, SinkContext context) => new RedisStreamsSink(options, context);
}
