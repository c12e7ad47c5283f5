namespace Penstock.Benchmarks;

/// <summary>What the command line asks for.</summary>
sealed record BenchOptions
{
    const string Usage =
        """
        usage: make bench [ARGS="..."]
          --rows A,B      only these rows; a name ending in * stands for all that begin so
          --list          names the rows and ends
          --runs N        measured pairs per row (default 5; rounds of the matrix, default 3)
          --events N      events per throughput run, in whole thousands (default: the row's own)
          --seconds N     length of a latency or rate run (default 10)
          --quick         one pair of short runs per row: shows that it works, measures nothing
          --matrix        the sampled matrix instead of the rows
          --out DIR       where the results go (default artifacts/bench)
          --plant WHAT    host or yardstick: expects one event too many of it; the run must fail
        """;

    public IReadOnlyList<string> Rows { get; init; } = [];

    public int Runs { get; init; }

    public long? Events { get; init; }

    public int Seconds { get; init; } = 10;

    public bool Quick { get; init; }

    public bool Matrix { get; init; }

    public bool List { get; init; }

    public string Out { get; init; } = Path.Combine("artifacts", "bench");

    public Plant Plant { get; init; }

    /// <summary>The options, or null after the usage was printed.</summary>
    public static BenchOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : "";
            switch (args[i])
            {
                case "--quick":
                    options = options with { Quick = true, Runs = 1, Seconds = 4 };
                    continue;
                case "--matrix":
                    options = options with { Matrix = true };
                    continue;
                case "--list":
                    options = options with { List = true };
                    continue;
                case "--rows" when value.Length > 0:
                    options = options with { Rows = value.Split(',') };
                    break;
                case "--runs" when int.TryParse(value, out var runs) && runs > 0:
                    options = options with { Runs = runs };
                    break;
                case "--events" when long.TryParse(value, out var events) && events > 0 && events % 1000 == 0:
                    options = options with { Events = events };
                    break;
                case "--seconds" when int.TryParse(value, out var seconds) && seconds > 0:
                    options = options with { Seconds = seconds };
                    break;
                case "--out" when value.Length > 0:
                    options = options with { Out = value };
                    break;
                case "--plant" when Enum.TryParse<Plant>(value, ignoreCase: true, out var plant):
                    options = options with { Plant = plant };
                    break;
                default:
                    Console.Error.WriteLine($"unknown argument \"{args[i]}\"");
                    Console.Error.WriteLine(Usage);
                    return null;
            }

            i++;
        }

        return options with { Runs = options.Runs > 0 ? options.Runs : options.Matrix ? 3 : 5 };
    }

    /// <summary>How many events a throughput run moves; short ones keep whole thousands, which the yardsticks read in.</summary>
    public long EventsOr(long usual) => Events ?? (Quick ? Math.Max(20_000, usual / 10) : usual);

    public bool Wants(string row) => Rows.Count == 0 || Rows.Any(name =>
        name.EndsWith('*') ? row.StartsWith(name[..^1], StringComparison.Ordinal) : row == name);
}
