using System.ComponentModel;

namespace Penstock.Sinks.File;

public sealed class FileOptions
{
    [Description("The file of an event; {subject}, {key} and {source} are replaced, {{ and }} are literal braces.")]
    public string Path { get; init; } = "./out/{subject}.jsonl";
}
