using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Sources.PostgresWal;

public sealed class PostgresWalOptions
{
    [Description("An Npgsql connection string, such as \"Host=db;Port=5432;Database=shop;Username=penstock\". Put the password into \"password\".")]
    [MinLength(1)]
    public required string ConnectionString { get; init; }

    [Description("The role's password; replaces one in the connection string.")]
    public Secret Password { get; init; }

    [Description("The logical replication slot: it remembers how far this source has come, so give every source its own.")]
    [RegularExpression("^[a-z0-9_]{1,63}$")]
    public required string Slot { get; init; }

    [Description("The publication that says which tables the server sends.")]
    [MinLength(1)]
    public required string Publication { get; init; }

    [Description("The tables to read, as \"schema.table\", each part spelled as the server stores it; no quotes, no wildcards.")]
    [MinLength(1)]
    public required IReadOnlyList<string> Tables { get; init; }

    [Description("Whether to read the rows that exist already: \"never\", or \"initial\": each table once, in pieces, beside the stream of its changes.")]
    public SnapshotMode Snapshot { get; init; } = SnapshotMode.Never;

    [Description("Whether to create the slot when it does not exist.")]
    public bool CreateSlot { get; init; } = true;

    [Description("Whether to create the publication, for exactly the configured tables, when it does not exist.")]
    public bool CreatePublication { get; init; } = true;

    [Description("What to do when the server no longer has what follows the checkpoint: \"halt\" until an operator decides, or \"acceptLoss\": report what is lost and go on where the slot stands.")]
    public PositionLostPolicy OnPositionLost { get; init; } = PositionLostPolicy.Halt;

    [Description("What to do before the first row of a table's new shape: \"continue\": tell the sinks and go on, or \"halt\" until an operator decides.")]
    public SchemaChangePolicy OnSchemaChange { get; init; } = SchemaChangePolicy.Continue;

    [Description("The prefixes of the logical messages (pg_logical_emit_message) to read, each spelled whole. While there are any, the source writes a small message of its own every ten seconds that the stream is quiet.")]
    public IReadOnlyList<string> Messages { get; init; } = [];

    [Description("How much WAL the slot may make the server keep, such as \"10GiB\": a warning at 80 % and beyond, then what \"onMaxRetainedWal\" says. Without it nothing is watched.")]
    [Range(typeof(ByteSize), "1MiB", "65536GiB")]
    public ByteSize? MaxRetainedWal { get; init; }

    [Description("What to do beyond \"maxRetainedWal\": \"warn\", or \"dropSlot\": give up the slot, and with it the changes that were not delivered, for the sake of the database's disk.")]
    public RetainedWalPolicy OnMaxRetainedWal { get; init; } = RetainedWalPolicy.Warn;
}
