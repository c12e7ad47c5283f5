namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>What a file is worth as a copy of the table.</summary>
/// <param name="Snapshots">Rows that were read from the table.</param>
/// <param name="Doubles">Those of a key that had been read before.</param>
/// <param name="Back">Lines with an older row than one before them.</param>
/// <param name="Different">Rows in which the copy and the table differ at the end.</param>
sealed record SnapshotVerdict(int Snapshots, int Doubles, int Back, int Different);
