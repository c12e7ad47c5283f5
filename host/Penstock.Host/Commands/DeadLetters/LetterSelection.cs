namespace Penstock.Host.Commands;

/// <summary>Which dead letters a verb is about.</summary>
/// <param name="Pipeline">The only pipeline; null for all.</param>
/// <param name="Sink">The only sink; null for all.</param>
/// <param name="Ids">The letters by id; empty with <paramref name="All"/>.</param>
/// <param name="All">Every open letter that the rest lets through.</param>
sealed record LetterSelection(string? Pipeline, string? Sink, IReadOnlyList<string> Ids, bool All)
{
    /// <summary>Null when the selection says what it wants.</summary>
    public string? Mistake => (Ids.Count > 0, All) switch
    {
        (true, true) => "name dead letters or say --all, not both",
        (false, false) => "name the dead letters by their ids, or say --all",
        _ => null,
    };
}
