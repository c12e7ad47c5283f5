using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Host.Admin.Health;

/// <summary><c>/health</c> and <c>/ready</c>.</summary>
sealed class HealthPages(HealthMonitor monitor)
{
    public Task Health(HttpContext context)
    {
        var pipelines = monitor.Look();
        var worst = pipelines.Select(pipeline => pipeline.Health).Append(HealthState.Healthy).Max();
        return JsonPage.WriteAsync(context, worst == HealthState.Healthy, json =>
        {
            json.WriteString("status", JsonPage.Name(worst));
            json.WriteStartArray("pipelines");
            foreach (var pipeline in pipelines)
            {
                Write(json, pipeline);
            }

            json.WriteEndArray();
        });
    }

    public Task Ready(HttpContext context)
    {
        var awaited = monitor.Look().SelectMany(pipeline => pipeline.Awaits.Select(awaited => (pipeline.Pipeline, Awaited: awaited))).ToList();
        return JsonPage.WriteAsync(context, awaited.Count == 0, json =>
        {
            json.WriteBoolean("ready", awaited.Count == 0);
            json.WriteStartArray("awaits");
            foreach (var (pipeline, what) in awaited)
            {
                json.WriteStartObject();
                json.WriteString("pipeline", pipeline);
                WritePlace(json, what.Source, what.Sink, what.Lane);
                json.WriteString("reason", what.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    static void Write(Utf8JsonWriter json, PipelineHealth pipeline)
    {
        json.WriteStartObject();
        json.WriteString("pipeline", pipeline.Pipeline);
        json.WriteString("status", JsonPage.Name(pipeline.Health));
        json.WriteString("state", pipeline.State);
        json.WriteString("reason", pipeline.Reason);
        json.WriteStartArray("sources");
        foreach (var source in pipeline.Sources)
        {
            Write(json, source);
        }

        json.WriteEndArray();
        json.WriteStartArray("causes");
        foreach (var trouble in pipeline.Troubles)
        {
            Write(json, trouble);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, SourceProgress source)
    {
        json.WriteStartObject();
        json.WriteString("source", source.Source);
        json.WriteNumber("read", source.Read);
        json.WriteNumber("settled", source.Settled);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, Trouble trouble)
    {
        json.WriteStartObject();
        json.WriteString("cause", JsonPage.Name(trouble.Cause));
        WritePlace(json, trouble.Source, trouble.Sink, trouble.Lane);
        json.WriteString("since", trouble.Since.UtcDateTime);
        json.WriteString("reason", trouble.Reason);
        json.WriteEndObject();
    }

    static void WritePlace(Utf8JsonWriter json, string? source, string? sink, int? lane)
    {
        json.WriteString("source", source);
        json.WriteString("sink", sink);
        if (lane is { } number)
        {
            json.WriteNumber("lane", number);
        }
        else
        {
            json.WriteNull("lane");
        }
    }
}
