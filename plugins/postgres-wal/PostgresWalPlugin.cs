using Penstock;
using Penstock.Sources.PostgresWal;

[assembly: Plugin("postgres-wal", typeof(PostgresWalPlugin))]

namespace Penstock.Sources.PostgresWal;

public sealed class PostgresWalPlugin : SourcePlugin<PostgresWalOptions>
{
    public override string Summary => "Reads committed row changes from PostgreSQL's write-ahead log through a logical replication slot.";

    public override IReadOnlyList<SourceTraits> Modes { get; } = [PostgresWalSource.Promise];

    public override IReadOnlyList<string> GetSnapshotSubjects(PostgresWalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Tables;
    }

    public override void Validate(PostgresWalOptions options, ConfigReport report)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        OptionsCheck.Run(options, report);
    }

    public override async ValueTask CheckAsync(
        PostgresWalOptions options, SourceContext context, CheckReport report, CancellationToken cancellationToken)
    {
        try
        {
            await new Preflight(options, new ConnectionSettings(options), report).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Failures.Classify(e, options);
        }
    }

    public override IChangeSource Create(PostgresWalOptions options, SourceContext context) => new PostgresWalSource(options, context);
}
