using System.Buffers;
using System.Text.Json;
using Penstock.Runtime;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary>What operators did to the positions of a pipeline, a line each, durable before it is done.</summary>
static class ResetAudit
{
    const string FileName = "audit.jsonl";

    /// <exception cref="IOException">The line could not be written.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush.</exception>
    public static void Append(SourceCheckpoint checkpoint, string to, DateTimeOffset now)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteString("at", JournalJson.Time(now));
            json.WriteString("by", Environment.UserName);
            json.WriteString("command", "positions reset");
            json.WriteString("pipeline", checkpoint.Pipeline);
            json.WriteString("source", checkpoint.Source);
            json.WriteStartArray("from");
            foreach (var watermark in checkpoint.Partitions)
            {
                json.WriteStringValue(watermark.Position.ToString());
            }

            json.WriteEndArray();
            json.WriteString("to", to);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        new DurableLines(Path.Combine(checkpoint.Directory, FileName)).Append(line.WrittenSpan);
    }
}
