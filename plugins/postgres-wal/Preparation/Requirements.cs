namespace Penstock.Sources.PostgresWal;

/// <summary>What the server must offer before anything is created, and how to mend what is missing.</summary>
sealed class Requirements(
    PostgresWalOptions options, ServerFacts server, SlotFacts? slot, bool hasPublication, IReadOnlyList<TableFacts> tables)
{
    /// <summary>What PostgreSQL 18 refuses.</summary>
    public const string GeneratedInIdentity = "old rows come with every column (REPLICA IDENTITY FULL), generated ones among them, and the publication does not send those";

    readonly List<MissingRequirement> _problems = [];

    /// <summary>Finds all problems at once.</summary>
    public IReadOnlyList<MissingRequirement> Check()
    {
        CheckServer();
        CheckMessages();
        CheckTables();
        if (hasPublication)
        {
            CheckCoverage();
        }
        else if (!options.CreatePublication)
        {
            Add(
                $"publication \"{options.Publication}\" does not exist and \"createPublication\" is false",
                CreatePublicationSql(options.Publication, tables));
        }
        else
        {
            CheckIdentities();
            CheckGenerated();
        }

        if (options.Snapshot == SnapshotMode.Initial)
        {
            _problems.AddRange(SnapshotRights.Missing(server.Role, tables));
        }

        CheckSlot();
        return _problems;
    }

    public static string CreatePublicationSql(string publication, IEnumerable<TableFacts> tables) =>
        // ONLY, or tables that inherit from one would be published unasked. Through the root, or a partitioned table's rows would
        // arrive under the names of its partitions.
        $"CREATE PUBLICATION {Sql.Quote(publication)} FOR TABLE {string.Join(", ", tables.Select(facts => $"ONLY {facts.Table.Quoted}"))} "
        + "WITH (publish_via_partition_root = true);";

    public static string GeneratedRemedy(string table) =>
        $"ALTER TABLE {table} REPLICA IDENTITY DEFAULT; if it has a primary key; or a publication of your own WITH (publish_generated_columns = stored), which helps with stored columns only";

    void CheckServer()
    {
        if (server.WalLevel != "logical")
        {
            Add($"wal_level is \"{server.WalLevel}\", expected \"logical\"", "ALTER SYSTEM SET wal_level = 'logical'; then restart the server");
        }

        if (server.WalSenderTimeout > TimeSpan.Zero && server.WalSenderTimeout < Timeouts.ShortestSenderTimeout)
        {
            Add(
                $"wal_sender_timeout is {server.WalSenderTimeout.TotalMilliseconds} ms, expected at least {Timeouts.ShortestSenderTimeout.TotalMilliseconds} ms: the server would drop this source between two status updates",
                "ALTER SYSTEM SET wal_sender_timeout = '60s'; SELECT pg_reload_conf();");
        }

        if (!server.CanReplicate)
        {
            Add($"role \"{server.Role}\" lacks the REPLICATION privilege", $"ALTER ROLE {Sql.Quote(server.Role)} WITH REPLICATION;");
        }
    }

    void CheckMessages()
    {
        const int first = 14;
        if (options.Messages.Count > 0 && server.Version < first)
        {
            Add($"PostgreSQL {server.Version} sends no logical messages through pgoutput, and \"messages\" asks for some", $"upgrade the server to {first} or later, or remove \"messages\"");
        }
    }

    void CheckTables()
    {
        foreach (var facts in tables.Where(facts => !facts.Exists))
        {
            Add($"table {facts.Table.Quoted} does not exist in database \"{server.Database}\"", "correct \"tables\", or create it");
        }
    }

    void CheckCoverage()
    {
        var missing = tables.Where(facts => facts.Exists && !facts.IsPublished).ToList();
        if (missing.Count > 0)
        {
            Add(
                $"publication \"{options.Publication}\" does not send {Join(missing)}",
                $"ALTER PUBLICATION {Sql.Quote(options.Publication)} ADD TABLE {Join(missing)}; for a partitioned table also "
                + $"ALTER PUBLICATION {Sql.Quote(options.Publication)} SET (publish_via_partition_root = true);");
        }
    }

    void CheckIdentities()
    {
        foreach (var facts in tables.Where(facts => facts.Exists && !facts.HasIdentity))
        {
            Add(
                $"table {facts.Table.Quoted} has no usable replica identity: publishing it would make the application's own UPDATE and DELETE fail",
                $"ALTER TABLE {facts.Table.Quoted} ADD PRIMARY KEY (…); or ALTER TABLE {facts.Table.Quoted} REPLICA IDENTITY FULL;");
        }
    }

    void CheckGenerated()
    {
        foreach (var facts in tables.Where(facts => facts.LacksGenerated))
        {
            Add($"of table {facts.Table.Quoted}, {GeneratedInIdentity}: publishing it would make the application's own UPDATE and DELETE fail", GeneratedRemedy(facts.Table.Quoted));
        }
    }

    void CheckSlot()
    {
        if (slot is null)
        {
            if (!options.CreateSlot)
            {
                Add(
                    $"slot \"{options.Slot}\" does not exist and \"createSlot\" is false",
                    $"SELECT pg_create_logical_replication_slot('{options.Slot}', 'pgoutput'); after the publication was created");
            }

            return;
        }

        if (slot.Plugin != "pgoutput" || slot.Database != server.Database)
        {
            Add(
                $"slot \"{options.Slot}\" is for plugin \"{slot.Plugin ?? "none, it is physical"}\" in database \"{slot.Database ?? "none"}\", "
                + $"expected \"pgoutput\" in \"{server.Database}\"",
                "choose another \"slot\"");
        }
        else if (!hasPublication)
        {
            Add(
                $"slot \"{options.Slot}\" exists without publication \"{options.Publication}\": the server reads WAL with the catalog of its time, "
                + "so it would never find a publication that is made after the slot",
                $"SELECT pg_drop_replication_slot('{options.Slot}'); so that both are made in order (changes the slot still held are given up)");
        }
    }

    void Add(string problem, string remedy) => _problems.Add(new MissingRequirement(problem, remedy));

    static string Join(IEnumerable<TableFacts> tables) => string.Join(", ", tables.Select(facts => facts.Table.Quoted));
}
