namespace Penstock.Sources.PostgresWal;

/// <summary>A change that has its ordinal, and waits to learn whether another one of its transaction follows.</summary>
readonly record struct Change(ChangeKind Kind, Relation Relation, uint Ordinal, Row? Before, Row? After);
