namespace Penstock.Sources.PostgresWal;

/// <summary>A change that has its ordinal, and waits to learn whether another one of its transaction follows.</summary>
readonly record struct Change(ChangeKind Kind, Relation Relation, uint Ordinal, Row? Before, Row? After)
{
    /// <summary>Of a logical message: its number among those that follow the change with this ordinal; of a change of a row 0.</summary>
    public uint Number { get; init; }
}
