using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Runtime.Settlement;

/// <summary>
/// A checkpoint as text: one line of JSON that an operator can read, one line with its SHA-256 that tells a whole file from a damaged one.
/// </summary>
static class CheckpointFormat
{
    const int Version = 2;

    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(string pipeline, string source, Checkpoint checkpoint)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteNumber("generation", checkpoint.Generation);
            json.WriteString("pipeline", pipeline);
            json.WriteString("source", source);
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
            CursorJson.Write(json, checkpoint.Sinks);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(buffer.WrittenSpan)}\n{Sum(buffer.WrittenSpan)}\n");
    }

    /// <exception cref="FormatException">The bytes are no whole checkpoint of this source; the message says what is wrong.</exception>
    public static Checkpoint Read(ReadOnlySpan<byte> file, string pipeline, string source)
    {
        var end = file.IndexOf((byte)'\n');
        var line = end < 0 ? file : file[..end];
        if (end < 0 || !file[(end + 1)..].SequenceEqual(Encoding.ASCII.GetBytes(Sum(line) + "\n")))
        {
            throw new FormatException("the checksum does not match");
        }

        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetString(line));
            return Read(json.RootElement, pipeline, source);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"it is whole, but not as this host writes it: {wrong.Message}", wrong);
        }
    }

    static Checkpoint Read(JsonElement root, string pipeline, string source)
    {
        var version = root.GetProperty("v").GetInt32();
        if (version != Version)
        {
            throw new FormatException($"it has version {version}, this host reads version {Version}");
        }

        var owner = $"{root.GetProperty("pipeline").GetString()}/{root.GetProperty("source").GetString()}";
        if (owner != $"{pipeline}/{source}")
        {
            throw new FormatException($"it belongs to {owner}");
        }

        var partitions = new List<Watermark>();
        foreach (var partition in root.GetProperty("partitions").EnumerateArray())
        {
            var position = SourcePosition.Parse(partition.GetProperty("position").GetString()!);
            partitions.Add(new Watermark(position) { State = partition.GetProperty("state").GetBytesFromBase64() });
        }

        return new Checkpoint(root.GetProperty("generation").GetInt64(), partitions)
        {
            Sinks = CursorJson.Read(root),
            IsReset = root.GetProperty("reset").GetBoolean(),
        };
    }

    static string Sum(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));
}
