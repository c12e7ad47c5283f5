using System.ComponentModel;

namespace Penstock.Sinks.Console;

public sealed class ConsoleOptions
{
    [Description("\"line\": kind, subject, key and row of each event; \"json\": the whole event in Penstock's native JSON.")]
    public ConsoleFormat Format { get; init; } = ConsoleFormat.Line;
}
