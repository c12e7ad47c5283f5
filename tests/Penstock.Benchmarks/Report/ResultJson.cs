using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Penstock.Benchmarks.Report;

/// <summary>All raw runs and their summaries.</summary>
static class ResultJson
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new RoundedConverter() },
    };

    public static string Serialize(Machine machine) => JsonSerializer.Serialize(machine, Options) + "\n";

    public static string Serialize(Machine machine, BenchOptions options, IEnumerable<RowResult> results) => JsonSerializer.Serialize(
        new
        {
            machine,
            isQuick = options.Quick,
            rows = results.Select(result => new
            {
                result.Row.Name,
                result.Row.What,
                result.Failure,
                targets = result.Verdicts.Select(verdict => new { verdict.Target.Text, verdict.Value, verdict.IsMet, verdict.Beside }),
                result.Summary,
                result.Runs,
            }),
        },
        Options) + "\n";

    // Six digits: more would pretend.
    sealed class RoundedConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteRawValue(double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture));
    }
}
