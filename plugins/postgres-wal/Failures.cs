using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Says what the host should do about an exception. Npgsql reports a lost stream in many ways, a NullReferenceException among them, so
/// whatever is not known to need an operator counts as a lost connection.
/// </summary>
static class Failures
{
    const string NoPassword = "No password has been provided";

    /// <param name="exception">What happened.</param>
    /// <param name="options">The config.</param>
    /// <param name="read">The end of the last transaction that was read; 0 for none.</param>
    public static PluginException Classify(Exception exception, PostgresWalOptions options, ulong read = 0) => exception switch
    {
        PluginException known => known,
        PostgresException error when IsTooLarge(error) => new(
            FailureKind.Permanent,
            $"PostgreSQL cannot send a row of a transaction after {Lsn.Format(read)}, because its text is longer than 1 GB: {error.MessageText}. Nothing can be read past it; how to "
            + "skip that transaction, and what is lost then, is in docs/postgres-operations.md.",
            error),
        PostgresException error => Classify(error, options, read),
        NpgsqlException error when error.Message.StartsWith(NoPassword, StringComparison.Ordinal) =>
            new(FailureKind.Permanent, "The server asks for a password and none is configured; set \"password\".", error),
        _ => new(FailureKind.Transient, $"The connection to PostgreSQL was lost: {exception.GetType().Name}: {exception.Message}", exception),
    };

    static PluginException Classify(PostgresException error, PostgresWalOptions options, ulong read) => error.SqlState switch
    {
        PostgresErrorCodes.ObjectInUse => new(
            FailureKind.Transient,
            $"Slot \"{options.Slot}\" is in use: {error.MessageText}. After a lost connection it becomes free within wal_sender_timeout; "
            + "if it stays in use, another reader has it: give each its own slot.",
            error),
        PostgresErrorCodes.UndefinedObject => new(
            FailureKind.Permanent,
            $"{error.MessageText} at the position of slot \"{options.Slot}\": the publication was dropped, or made after the slot. "
            + $"Drop the slot with SELECT pg_drop_replication_slot('{options.Slot}'); and reset this source with penstock positions reset PIPELINE/SOURCE --to start, so that both are made in order.",
            error),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new(
            FailureKind.Permanent, $"The server refused the login: {error.MessageText}; correct the user and \"password\", or pg_hba.conf.", error),
        PostgresErrorCodes.InvalidCatalogName => new(
            FailureKind.Permanent, $"{error.MessageText}; correct Database in \"connectionString\".", error),
        PostgresErrorCodes.InsufficientPrivilege => new(
            FailureKind.Permanent, $"The role lacks a privilege: {error.MessageText}; grant it, for replication with ALTER ROLE … WITH REPLICATION;", error),
        PostgresErrorCodes.ConfigurationLimitExceeded => new(
            FailureKind.Permanent, $"{error.MessageText}; raise max_replication_slots (needs a restart) or drop an unused slot.", error),
        PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire => new(
            FailureKind.Permanent,
            $"PostgreSQL cannot say a value of a transaction after {Lsn.Format(read)} in UTF-8: {error.MessageText}. Nothing can be read past it; how to skip that transaction, "
            + "and what is lost then, is in docs/postgres-types.md.",
            error),
        PostgresErrorCodes.TooManyConnections => new(
            FailureKind.Transient,
            $"{error.MessageText}: no WAL sender or connection is free; raise max_wal_senders, or max_connections (both need a restart), or end what is not needed.",
            error),
        _ => new(FailureKind.Transient, $"PostgreSQL ended the connection: {error.MessageText} ({error.SqlState})", error),
    };

    /// <summary>Whether a row is the reason: its text is too long, or cannot be said in UTF-8.</summary>
    public static bool IsUnreadable(PostgresException error) =>
        IsTooLarge(error) || error.SqlState is PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire;

    // Either the value does not fit, or the message that it is in.
    static bool IsTooLarge(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.ProgramLimitExceeded
        || (error.SqlState == PostgresErrorCodes.InternalError && error.MessageText.Contains("alloc request size", StringComparison.Ordinal));
}
