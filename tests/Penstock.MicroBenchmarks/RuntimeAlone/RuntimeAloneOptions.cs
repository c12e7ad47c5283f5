using System.Globalization;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>What <c>--runtime</c> takes.</summary>
sealed record RuntimeAloneOptions
{
    public const string Usage = "Penstock.MicroBenchmarks --runtime [--sinks 1|2] [--events 8000000] [--runs 5] [--json]";

    public int Sinks { get; private init; } = 1;

    public long Events { get; private init; } = 8_000_000;

    public int Runs { get; private init; } = 5;

    /// <summary>Whether the last line is the result as one JSON object.</summary>
    public bool Json { get; private init; }

    public static bool TryParse(ReadOnlySpan<string> arguments, out RuntimeAloneOptions options, out string problem)
    {
        options = new RuntimeAloneOptions();
        problem = "";
        while (arguments is [var name, ..])
        {
            arguments = arguments[1..];
            if (name == "--json")
            {
                options = options with { Json = true };
            }
            else if (name != "--runtime")
            {
                if (Max(name) is not { } max || arguments is not [var text, ..] || !TryRead(text, max, out var number))
                {
                    problem = Max(name) is { } most ? $"Expected a number from 1 to {most} after {name}." : $"Unknown argument {name}.";
                    return false;
                }

                arguments = arguments[1..];
                options = name switch
                {
                    "--sinks" => options with { Sinks = number },
                    "--events" => options with { Events = number },
                    _ => options with { Runs = number },
                };
            }
        }

        return true;
    }

    static int? Max(string name) => name switch
    {
        "--sinks" => 2,
        "--events" => int.MaxValue,
        "--runs" => 1000,
        _ => null,
    };

    static bool TryRead(string text, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= max;
}
