using System.Globalization;

namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>What one scenario came to.</summary>
sealed record Row(string Scenario, int Rounds)
{
    public const string Header =
        "| scenario | rounds | read | delivered | lost | duplicated | below the checkpoint | out of order | recovery median | recovery max | resumed in place | remarks |\n"
        + "|---|---|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>Changes that the source committed.</summary>
    public required int Read { get; init; }

    /// <summary>Entries in the sink, duplicates included.</summary>
    public required int Delivered { get; init; }

    public required int Lost { get; init; }

    public required int Duplicated { get; init; }

    /// <summary>Duplicates of what the checkpoint (of a group: its acknowledgements) covered when the fault came.</summary>
    public required int BelowCheckpoint { get; init; }

    public required int OutOfOrder { get; init; }

    public IReadOnlyList<TimeSpan> Recoveries { get; init; } = [];

    /// <summary>Restarts at which the host said that it resumes where the checkpoint stood, of all restarts that had one.</summary>
    public (int Hits, int Restarts) InPlace { get; init; }

    public string Remarks { get; init; } = "";

    public override string ToString()
    {
        var sorted = Recoveries.Order().ToList();
        var (median, max) = sorted.Count == 0 ? ("–", "–") : (Seconds(sorted[sorted.Count / 2]), Seconds(sorted[^1]));
        var inPlace = InPlace.Restarts == 0 ? "–" : $"{InPlace.Hits} of {InPlace.Restarts}";
        return $"| {Scenario} | {Rounds} | {Read} | {Delivered} | {Lost} | {Duplicated} | {BelowCheckpoint} | {OutOfOrder} | {median} | {max} | {inPlace} | {Remarks} |";
    }

    static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");
}
