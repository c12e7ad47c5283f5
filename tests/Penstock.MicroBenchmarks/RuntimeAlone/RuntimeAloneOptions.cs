using System.Globalization;

namespace Penstock.MicroBenchmarks.RuntimeAlone;

/// <summary>What <c>--runtime</c> takes.</summary>
sealed record RuntimeAloneOptions
{
    public const string Usage = "Penstock.MicroBenchmarks --runtime [--sinks 1|2] [--events 8000000] [--runs 5] [--json]";

    public int Sinks { get; init; } = 1;

    public long Events { get; init; } = 8_000_000;

    public int Runs { get; init; } = 5;

    /// <summary>Whether the last line is the result as one JSON object.</summary>
    public bool Json { get; init; }

    /// <exception cref="FormatException">The arguments are not what <see cref="Usage"/> says.</exception>
    public static RuntimeAloneOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new RuntimeAloneOptions();
        while (arguments is [var name, ..])
        {
            options = name switch
            {
                "--runtime" => options,
                "--json" => options with { Json = true },
                "--sinks" => options with { Sinks = Number(arguments, max: 2) },
                "--events" => options with { Events = Number(arguments, max: int.MaxValue) },
                "--runs" => options with { Runs = Number(arguments, max: 1000) },
                _ => throw new FormatException($"Expected {Usage}, found {name}."),
            };
            arguments = arguments[(name is "--runtime" or "--json" ? 1 : 2)..];
        }

        return options;
    }

    static int Number(ReadOnlySpan<string> arguments, int max) =>
        arguments is [_, var text, ..] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new FormatException($"Expected a number from 1 to {max} after {arguments[0]}. Usage: {Usage}");
}
