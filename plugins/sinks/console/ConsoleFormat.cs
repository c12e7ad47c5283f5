namespace Penstock.Sinks.Console;

public enum ConsoleFormat
{
    Line = 1,
    Json = 2,
}
