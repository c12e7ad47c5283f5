namespace Penstock.Host.Admin.Metrics;

/// <summary>The types of the Prometheus text format that the host uses.</summary>
enum MetricKind
{
    Counter = 1,
    Gauge,
    Histogram,
}
