using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;

namespace Penstock.PostgresWal.Tests;

static class NativeJson
{
    static readonly EventOrigin Origin = new("tests", "db", DeliveryGuarantee.AtLeastOnce);

    /// <summary>The event as sinks write it.</summary>
    public static JsonObject Of(ChangeEvent change) => JsonNode.Parse(Text(change))!.AsObject();

    /// <summary>The very text that sinks write.</summary>
    public static string Text(ChangeEvent change)
    {
        change.Stamp(Origin, 1);
        return Write(change);
    }

    /// <summary>What is written of the event that such a text is read as.</summary>
    public static string Again(string text) => Write(new EventJsonReader().Read(Encoding.UTF8.GetBytes(text)));

    static string Write(ChangeEvent change)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new EventJsonWriter(output);
        writer.Write(change);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
