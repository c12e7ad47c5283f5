namespace Penstock.Sources.PostgresWal;

/// <param name="Name">The column's name.</param>
/// <param name="TypeId">The OID of its type.</param>
/// <param name="Type">The type as SQL, with its modifier.</param>
/// <param name="KeyPlace">Its place in the key, counted from 1; 0 outside.</param>
/// <param name="IsSent">Whether the publication sends it.</param>
/// <param name="CollationId">The OID of its collation, by which it is ordered; 0 for none.</param>
/// <param name="OperatorSchema">Where the operators of its type are by which it is ordered, quoted; null for the system's own.</param>
readonly record struct TableColumn(string Name, uint TypeId, string Type, int KeyPlace, bool IsSent, uint CollationId, string? OperatorSchema);
