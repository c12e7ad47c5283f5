using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Runtime.Acquisition;
using Penstock.Runtime.Diagnostics;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Losses;
using Penstock.Runtime.Routing;
using Penstock.Runtime.Settlement;
using Penstock.TestServers;

namespace Penstock.Runtime.Tests.Acquisition;

/// <summary>A pump alone, before one lane that nobody empties.</summary>
static class Pumping
{
    /// <summary>Reads a source to its end, and returns what the lane got.</summary>
    public static async Task<IReadOnlyList<Chunk>> RunAsync(IChangeSource source)
    {
        using var directory = new TempDirectory("pumping");
        using var meter = new Meter(Instruments.MeterName);
        var services = new RuntimeServices(NullLoggerFactory.Instance, TimeProvider.System, meter);
        var inFlight = new InFlight();
        var lane = Channel.CreateUnbounded<Chunk>();
        SinkRoute[] routes = [new(new LaneLayout(1, Ordering.Key), [new LaneFeed(lane.Writer, new BatchLimits(), inFlight, services.Time, tracksHeld: false)])];
        var origin = new EventOrigin("p", "s", DeliveryGuarantee.AtLeastOnce);
        var pump = new SourcePump(
            origin,
            source,
            routes,
            new SourceLedger(routes, inFlight, new InFlightLimits()),
            new ReceivedPositions(),
            new LossRecorder(origin, new LossLog(directory.Path), services),
            inFlight,
            new ReadWatch("s", services.Time),
            services);
        await pump.RunAsync(CancellationToken.None, CancellationToken.None);
        lane.Writer.Complete();
        return [.. lane.Reader.ReadAllAsync().ToBlockingEnumerable()];
    }
}
