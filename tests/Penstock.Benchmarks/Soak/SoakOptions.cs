using System.Globalization;

namespace Penstock.Benchmarks.Soak;

/// <summary>What the command line asks of a soak.</summary>
sealed record SoakOptions
{
    /// <summary>Fewer samples in the second half have no slope that anybody should believe.</summary>
    public const int LeastSamplesOfSlope = 12;

    public const string Switch = "--soak";

    const string Usage =
        """
        usage: make soak [ARGS="..."]
          --minutes N           how long it runs at the fixed rate (default 30)
          --pipelines a,b       of wal, streams, pubsub (default all three, in one host)
          --rates a=N,b=N       events/s of each; without it, half of what is measured first
          --sample N            seconds between two samples (default 10)
          --out DIR             where the results go (default artifacts/soak)
          --plant WHAT          loss, disorder, duplicate, leak, or several of them: the run must fail and name each
        """;

    public double Minutes { get; init; } = 30;

    public IReadOnlyList<string> Pipelines { get; init; } = ["wal", "streams", "pubsub"];

    public IReadOnlyDictionary<string, double> Rates { get; init; } = new Dictionary<string, double>();

    public double SampleSeconds { get; init; } = 10;

    public string Out { get; init; } = Path.Combine("artifacts", "soak");

    public SoakPlant Plant { get; init; }

    /// <summary>The options, or null after the usage was printed.</summary>
    public static SoakOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new SoakOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            var value = i + 1 < args.Count ? args[i + 1] : "";
            if (options.With(args[i], value) is not { } next)
            {
                return Refuse($"unknown or incomplete argument \"{args[i]} {value}\"");
            }

            options = next;
        }

        var samples = options.Minutes * 60 / options.SampleSeconds / 2;
        return samples < LeastSamplesOfSlope
            ? Refuse($"{options.Minutes} minutes with a sample every {options.SampleSeconds} s leave {samples:0} samples in the second half, at least {LeastSamplesOfSlope} are needed")
            : options;
    }

    SoakOptions? With(string name, string value) => name switch
    {
        "--minutes" when TryPositive(value, out var minutes) => this with { Minutes = minutes },
        "--sample" when TryPositive(value.TrimEnd('s'), out var seconds) => this with { SampleSeconds = seconds },
        "--pipelines" when value.Split(',') is var names && names.All(new SoakOptions().Pipelines.Contains) => this with { Pipelines = names },
        "--rates" when TryRates(value, out var rates) => this with { Rates = rates },
        "--out" when value.Length > 0 => this with { Out = value },
        "--plant" when Enum.TryParse<SoakPlant>(value, ignoreCase: true, out var plant) => this with { Plant = plant },
        _ => null,
    };

    static bool TryPositive(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value > 0;

    static bool TryRates(string text, out Dictionary<string, double> rates)
    {
        rates = [];
        foreach (var pair in text.Split(','))
        {
            var parts = pair.Split('=');
            if (parts.Length != 2 || !TryPositive(parts[1], out var rate))
            {
                return false;
            }

            rates[parts[0]] = rate;
        }

        return true;
    }

    static SoakOptions? Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        Console.Error.WriteLine(Usage);
        return null;
    }
}
