using System.Text.Json;

namespace Penstock.Host.Commands;

/// <summary>Findings as the array that <c>penstock check --json</c> answers.</summary>
static class CheckJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CheckResult> results)
    {
        json.WriteStartArray();
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("pipeline", result.Pipeline);
            json.WriteString("kind", result.IsSource ? "source" : "sink");
            json.WriteString("name", result.Instance);
            json.WriteString("type", result.Type);
            json.WriteStartArray("findings");
            foreach (var finding in result.Findings)
            {
                json.WriteStartObject();
                json.WriteString("level", CheckText.NameOf(finding.Level));
                json.WriteString("text", finding.Text);
                json.WriteString("remedy", finding.Remedy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
