using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisStreams.Tests;

/// <summary>What the host would give to plugins.</summary>
static class Samples
{
    public static readonly Meter Meter = new("Penstock.RedisStreams.Tests");
    static readonly EventOrigin Origin = new("orders", "db", DeliveryGuarantee.AtLeastOnce);
    static readonly RowSchema Schema = new(new RowField("value", FieldType.Text, isKey: false));

    public static SinkContext SinkContext { get; } = new()
    {
        Pipeline = "orders",
        Instance = "stream",
        Lane = 0,
        LaneCount = 1,
        LoggerFactory = NullLoggerFactory.Instance,
        TimeProvider = TimeProvider.System,
        Meter = Meter,
    };

    public static SourceContext SourceContext { get; } = SourceContextWith(NullLoggerFactory.Instance);

    public static SourceContext SourceContextWith(ILoggerFactory log, int readers = 1) => new()
    {
        Pipeline = "orders",
        Instance = "in",
        Readers = readers,
        LoggerFactory = log,
        TimeProvider = TimeProvider.System,
        Meter = Meter,
    };

    public static RedisConnectionOptions Connection(RedisServer server, string? user = null, string password = "") => new()
    {
        Endpoints = [server.Endpoint],
        User = user,
        Password = new Secret(password),
        CommandTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>An event as it reaches a sink.</summary>
    public static ChangeEvent Event(int number, ReadOnlySpan<byte> value, string subject = "out", string key = "k", Dictionary<string, string>? headers = null, EventOrigin? origin = null)
    {
        var rows = new RowBuilder();
        rows.Begin(Schema);
        rows.Append(value);
        var change = new ChangeEvent
        {
            Kind = ChangeKind.Message,
            Subject = subject,
            Position = new SourcePosition("", SourcePosition.Compose(7, (ulong)number << 32)),
            Key = System.Text.Encoding.UTF8.GetBytes(key),
            After = rows.Build(),
            Headers = headers ?? [],
        };
        change.Stamp(origin ?? Origin, number);
        return change;
    }

    public static ChangeEvent[] Events(int count, string subject = "out") =>
        [.. Enumerable.Range(1, count).Select(number => Event(number, System.Text.Encoding.UTF8.GetBytes($"value {number}"), subject))];
}
