namespace Penstock.Sources.PostgresWal;

/// <param name="Name">The column's name.</param>
/// <param name="TypeId">The OID of its type.</param>
/// <param name="TypeModifier">Its length, precision or the like; -1 for none.</param>
/// <param name="IsIdentity">Whether old rows that are identified by their key have it.</param>
readonly record struct ColumnDescription(string Name, uint TypeId, int TypeModifier, bool IsIdentity);
