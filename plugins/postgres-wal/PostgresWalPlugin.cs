using Penstock;
using Penstock.Sources.PostgresWal;

[assembly: Plugin("postgres-wal", typeof(PostgresWalPlugin))]

namespace Penstock.Sources.PostgresWal;

public sealed class PostgresWalPlugin : SourcePlugin<PostgresWalOptions>
{
    public override string Summary => "Reads committed row changes from PostgreSQL's write-ahead log through a logical replication slot.";

    public override IReadOnlyList<SourceTraits> Modes { get; } = [PostgresWalSource.Promise];

    public override void Validate(PostgresWalOptions options, ConfigReport report)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        OptionsCheck.Run(options, report);
    }

    public override IChangeSource Create(PostgresWalOptions options, SourceContext context) => new PostgresWalSource(options, context);
}
