namespace Penstock.Sources.PostgresWal;

/// <summary>What <c>penstock check</c> says of the publication: that it can be made, or that it sends everything.</summary>
sealed class PublicationCheck(PostgresWalOptions options, ServerFacts server, IReadOnlyList<TableFacts> tables, CheckReport report)
{
    public void Run(PublicationFacts? publication, bool mayCreate)
    {
        if (publication is not null)
        {
            CheckContents(publication);
        }
        else if (options.CreatePublication)
        {
            CheckRights(mayCreate);
        }
    }

    void CheckRights(bool mayCreate)
    {
        report.Fact($"publication \"{options.Publication}\" does not exist; a run creates it");
        var sql = Requirements.CreatePublicationSql(options.Publication, tables.Where(table => table.Exists));
        if (!mayCreate)
        {
            report.Fail(
                $"role \"{server.Role}\" may not create a publication in database \"{server.Database}\"",
                $"GRANT CREATE ON DATABASE {Sql.Quote(server.Database)} TO {Sql.Quote(server.Role)}; or let the tables' owner run: {sql}");
        }

        foreach (var table in tables.Where(table => table is { Exists: true, IsOwned: false }))
        {
            report.Fail($"role \"{server.Role}\" does not own table {table.Table.Quoted}, and only an owner publishes it", $"let its owner run: {sql}");
        }
    }

    void CheckContents(PublicationFacts publication)
    {
        var name = Sql.Quote(options.Publication);
        if (publication.Unsent.Count > 0)
        {
            report.Warn(
                $"publication \"{options.Publication}\" sends no {string.Join(", no ", publication.Unsent)}",
                $"ALTER PUBLICATION {name} SET (publish = 'insert, update, delete, truncate');");
        }

        if (publication.AllTables)
        {
            report.Warn(
                $"publication \"{options.Publication}\" is for all tables: one without a primary key can no longer be updated by its application",
                "make one for the tables that are wanted, under another name");
        }

        foreach (var (table, condition) in publication.Filters.Where(part => IsWanted(part.Table)))
        {
            report.Warn(
                $"of table {table.Quoted} only the rows with {condition} are sent; one that leaves the filter is sent as a delete",
                $"ALTER PUBLICATION {name} SET TABLE …; without WHERE, if all rows are wanted");
        }

        foreach (var (table, columns) in publication.Lists.Where(part => IsWanted(part.Table)))
        {
            report.Warn(
                $"of table {table.Quoted} these columns are not sent: {columns}",
                $"ALTER PUBLICATION {name} SET TABLE …; without a column list, if all are wanted");
        }
    }

    bool IsWanted(TableName table) => tables.Any(facts => facts.Table == table);
}
