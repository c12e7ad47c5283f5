namespace Penstock.Runtime.Tests.Model;

/// <summary>How large a model is, and what may befall it.</summary>
sealed record Scope
{
    /// <summary>Per event, which lie in transactions in this order, the number of its transaction.</summary>
    public required IReadOnlyList<int> Transactions { get; init; }

    /// <summary>Per event its key.</summary>
    public required IReadOnlyList<int> Keys { get; init; }

    public required IReadOnlyList<SinkScope> Sinks { get; init; }

    /// <summary>How many messages one reading may bring.</summary>
    public IReadOnlyList<byte> Readings { get; init; } = [1];

    public int MaxInFlight { get; init; } = 3;

    public int HostCrashes { get; init; }

    public int SourceCrashes { get; init; }

    public int Stops { get; init; }

    public int LaneChanges { get; init; }

    public int FailedSaves { get; init; }

    /// <summary>Whether the host may also die amid a save; the disk must be a real one.</summary>
    public bool DiesWhileSaving { get; init; }

    public int Events => Keys.Count;

    public bool EndsTransaction(int number) => number == Events || Transactions[number - 1] != Transactions[number];
}
