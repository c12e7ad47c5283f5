using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Sinks.Discard;

namespace Penstock.Sinks.Tests;

public sealed class DiscardSinkTests
{
    [Fact]
    public async Task It_takes_everything_and_promises_nothing()
    {
        using var meter = new Meter("test");
        var plugin = new DiscardPlugin();
        var context = new SinkContext
        {
            Pipeline = "pipe",
            Instance = "sink",
            Lane = 0,
            LaneCount = 1,
            LoggerFactory = NullLoggerFactory.Instance,
            TimeProvider = TimeProvider.System,
            Meter = meter,
        };
        await using var sink = plugin.Create(new DiscardOptions(), context);
        await sink.OpenAsync(TestContext.Current.CancellationToken);
        var write = sink.WriteAsync([SampleEvents.Event(1)], TestContext.Current.CancellationToken);

        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal(Durability.None, plugin.Traits.Durability);
        Assert.Same(plugin.Traits, sink.Traits);
    }
}
