using System.Text.Json;

namespace Penstock.Host.Commands;

/// <summary>The answer of <c>penstock positions show --json</c>.</summary>
static class PositionJson
{
    public static void Write(IEnumerable<SourceCheckpoint> checkpoints) => JsonAnswer.Write(json =>
    {
        json.WriteStartArray();
        foreach (var checkpoint in checkpoints)
        {
            Write(json, checkpoint);
        }

        json.WriteEndArray();
    });

    static void Write(Utf8JsonWriter json, SourceCheckpoint checkpoint)
    {
        json.WriteStartObject();
        json.WriteString("pipeline", checkpoint.Pipeline);
        json.WriteString("source", checkpoint.Source);
        json.WriteNumber("generation", checkpoint.Generation);
        json.WriteBoolean("reset", checkpoint.IsReset);
        json.WriteStartArray("partitions");
        foreach (var watermark in checkpoint.Partitions)
        {
            json.WriteStartObject();
            json.WriteString("position", watermark.Position.ToString());
            json.WriteBase64String("state", watermark.State.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("sinks");
        foreach (var cursor in checkpoint.Sinks)
        {
            json.WriteStartObject();
            json.WriteString("sink", cursor.Sink);
            json.WriteNumber("lanes", cursor.Layout.Lanes);
            json.WriteStartArray("settled");
            foreach (var position in cursor.Settled)
            {
                json.WriteStringValue(position.ToString());
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
