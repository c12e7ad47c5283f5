namespace Penstock.Host.Commands;

/// <summary>What a verb did with a letter.</summary>
enum LetterOutcome
{
    /// <summary>Nothing yet: --yes was not given.</summary>
    Selected = 1,

    /// <summary>The sink has it.</summary>
    Replayed,

    /// <summary>The sink refused it again; it stays open.</summary>
    Refused,

    /// <summary>It was not tried, and stays open.</summary>
    Kept,

    /// <summary>It is never to be delivered.</summary>
    Discarded,

    /// <summary>It was replayed or discarded before; there was nothing to do.</summary>
    Closed,
}
