using Penstock.Benchmarks.Soak.Judging;

namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>What a judge of numbers has to say at the end. Nothing is killed and nothing cut off in a soak: there is no excuse for an event that comes twice.</summary>
static class SequenceFindings
{
    const int Named = 5;

    public static IEnumerable<Finding> Of(string pipeline, SequenceJudge sequence, long total)
    {
        var lost = sequence.Lost(total);
        var which = lost.Count == 0 ? "" : $" ({string.Join(", ", lost.Take(Named))}{(lost.Count > Named ? ", …" : "")})";
        return
        [
            new Finding($"{pipeline}: delivered, by the judge's count", sequence.Delivered == total, $"{sequence.Delivered}", $"{total}"),
            new Finding($"{pipeline}: lost", lost.Count == 0, $"{lost.Count}{which}", "0"),
            new Finding($"{pipeline}: behind a later one of its key", sequence.Disordered == 0, $"{sequence.Disordered}", "0"),
            new Finding($"{pipeline}: twice", sequence.Duplicates == 0, $"{sequence.Duplicates}", "0"),
            new Finding($"{pipeline}: never sent", sequence.Invented(total) == 0, $"{sequence.Invented(total)}", "0"),
        ];
    }
}
