namespace Penstock.Sources.PostgresWal;

/// <summary>What reading tables needs beyond reading their changes.</summary>
static class SnapshotRights
{
    public static IEnumerable<MissingRequirement> Missing(string role, IEnumerable<TableFacts> tables)
    {
        foreach (var table in tables.Where(table => table.Exists))
        {
            if (!table.IsReadable)
            {
                yield return new MissingRequirement(
                    $"role \"{role}\" may not read table {table.Table.Quoted}, which a snapshot does",
                    $"GRANT USAGE ON SCHEMA {Sql.Quote(table.Table.Schema)} TO {Sql.Quote(role)}; GRANT SELECT ON {table.Table.Quoted} TO {Sql.Quote(role)};");
            }
            else if (table.HidesRows)
            {
                yield return new MissingRequirement(
                    $"row-level security hides rows of table {table.Table.Quoted} from role \"{role}\", but not their changes", $"ALTER ROLE {Sql.Quote(role)} BYPASSRLS;");
            }
        }
    }
}
