namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of each table: which events will have no key, and what its application can no longer do.</summary>
sealed class TableCheck(IReadOnlyList<TableFacts> tables, CheckReport report)
{
    public void Run(bool hasPublication)
    {
        foreach (var facts in tables.Where(facts => facts.Exists))
        {
            var table = facts.Table.Quoted;
            if (!facts.HasIdentity && hasPublication && facts.IsPublished)
            {
                report.Warn(
                    $"table {table} is published and has no usable replica identity: its application's UPDATE and DELETE fail, and its events have no key",
                    $"ALTER TABLE {table} ADD PRIMARY KEY (…); or ALTER TABLE {table} REPLICA IDENTITY FULL;");
            }
            else if (facts.LacksGenerated && hasPublication && facts.IsPublished)
            {
                report.Warn($"table {table} is published, and {Requirements.GeneratedInIdentity}: its application's UPDATE and DELETE fail", Requirements.GeneratedRemedy(table));
            }

            if (facts.HasIdentity && !facts.HasKey)
            {
                report.Warn(
                    $"table {table} has no primary key: its events have no key, and keep the order of the whole table in one lane",
                    $"ALTER TABLE {table} ADD PRIMARY KEY (…);");
            }
        }
    }
}
