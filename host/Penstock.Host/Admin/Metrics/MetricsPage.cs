using Microsoft.AspNetCore.Http;

namespace Penstock.Host.Admin.Metrics;

/// <summary><c>/metrics</c>.</summary>
sealed class MetricsPage(MetricsRegistry registry, ProcessFigures process)
{
    readonly Lock _lock = new();

    public Task Answer(HttpContext context)
    {
        var body = Render();
        context.Response.ContentType = MetricsText.ContentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    byte[] Render()
    {
        var text = new MetricsText();
        lock (_lock)
        {
            registry.Write(text);
        }

        process.Write(text);
        return text.ToUtf8();
    }
}
