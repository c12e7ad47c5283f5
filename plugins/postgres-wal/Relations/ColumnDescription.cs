namespace Penstock.Sources.PostgresWal;

/// <param name="Name">The column's name.</param>
/// <param name="TypeId">The OID of its type.</param>
/// <param name="IsIdentity">Whether old rows that are identified by their key have it.</param>
readonly record struct ColumnDescription(string Name, uint TypeId, bool IsIdentity);
