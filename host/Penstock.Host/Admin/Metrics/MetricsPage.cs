using Microsoft.AspNetCore.Http;
using Penstock.Host.Admin.Health;

namespace Penstock.Host.Admin.Metrics;

/// <summary><c>/metrics</c>.</summary>
sealed class MetricsPage(MetricsRegistry registry, ProcessFigures process, HealthMonitor monitor)
{
    readonly Lock _lock = new();

    public Task Answer(HttpContext context) => AdminAnswer.WriteAsync(context, StatusCodes.Status200OK, MetricsText.ContentType, Render());

    byte[] Render()
    {
        var text = new MetricsText();
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
        return text.ToUtf8();
    }
}
