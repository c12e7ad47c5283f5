using System.Buffers;
using Microsoft.AspNetCore.Http;
using Penstock.Host.Admin.Health;

namespace Penstock.Host.Admin.Metrics;

/// <summary><c>/metrics</c>.</summary>
sealed class MetricsPage(MetricsRegistry registry, ProcessFigures process, HealthMonitor monitor)
{
    readonly Lock _lock = new();
    int _lastLength = 4096;

    public Task Answer(HttpContext context)
    {
        // As much as last time, and a little more for numbers that have grown: a page is asked for again and again.
        var page = new ArrayBufferWriter<byte>(Volatile.Read(ref _lastLength) + 1024);
        Write(new MetricsText(page));
        Volatile.Write(ref _lastLength, page.WrittenCount);
        return AdminAnswer.WriteAsync(context, StatusCodes.Status200OK, MetricsText.ContentType, page.WrittenMemory);
    }

    void Write(MetricsText text)
    {
        lock (_lock)
        {
            registry.Write(text);
        }

        text.Family("penstock_healthy", "Whether the pipeline makes progress: 1 or 0.", MetricKind.Gauge);
        foreach (var pipeline in monitor.Look())
        {
            text.Sample("penstock_healthy", MetricsText.Labels(new KeyValuePair<string, object?>("pipeline", pipeline.Pipeline)), pipeline.Health == HealthState.Healthy ? 1 : 0);
        }

        process.Write(text);
    }
}
