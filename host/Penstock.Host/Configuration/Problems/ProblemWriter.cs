using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Penstock.Host.Configuration;

/// <summary>Problems for people and for programs.</summary>
static class ProblemWriter
{
    static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void WriteText(IEnumerable<ConfigProblem> problems, TextWriter output)
    {
        foreach (var problem in problems)
        {
            output.Write(problem.ToString());
            output.Write('\n');
        }
    }

    /// <summary>
    /// A JSON array of objects with <c>file</c>, <c>line</c>, <c>column</c>, <c>pointer</c>, <c>message</c>, <c>kind</c>
    /// (<c>config</c> or <c>plugin</c>), <c>pipeline</c> and <c>plugin</c> (both null where there is none).
    /// </summary>
    public static void WriteJson(IEnumerable<ConfigProblem> problems, Stream output) => JsonSerializer.Serialize(output, problems, Options);
}
