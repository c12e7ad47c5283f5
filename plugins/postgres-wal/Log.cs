using Microsoft.Extensions.Logging;

namespace Penstock.Sources.PostgresWal;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Created publication {Publication} for {Tables}")]
    public static partial void PublicationCreated(ILogger logger, string publication, string tables);

    [LoggerMessage(2, LogLevel.Information, "Created replication slot {Slot} at {Lsn}")]
    public static partial void SlotCreated(ILogger logger, string slot, string lsn);

    [LoggerMessage(3, LogLevel.Information, "Slot {Slot}: no checkpoint, reading from where the slot stands, {Lsn}")]
    public static partial void ResumingFromSlot(ILogger logger, string slot, string lsn);

    [LoggerMessage(4, LogLevel.Information, "Slot {Slot}: resuming after {Position}, reading from {Lsn}")]
    public static partial void Resuming(ILogger logger, string slot, SourcePosition position, string lsn);

    [LoggerMessage(5, LogLevel.Information, "Slot {Slot}: replication ended after {Lsn}, to be resumed: {Reason}")]
    public static partial void Disconnected(ILogger logger, string slot, string lsn, string reason);

    [LoggerMessage(6, LogLevel.Debug, "Slot {Slot}: {Lsn} not sent now, the next status update repeats it: {Reason}")]
    public static partial void ConfirmDeferred(ILogger logger, string slot, string lsn, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Slot {Slot}: changes between {From} and {To} are lost, as onPositionLost accepts; reading goes on")]
    public static partial void LossAccepted(ILogger logger, string slot, string from, string to);

    [LoggerMessage(20, LogLevel.Information, "Snapshot of {Table} begins after {Rows} rows; there are about {Estimate}")]
    public static partial void SnapshotBegins(ILogger logger, string table, long rows, long estimate);

    [LoggerMessage(21, LogLevel.Information, "Snapshot of {Table}: {Rows} rows of about {Estimate}")]
    public static partial void SnapshotGoesOn(ILogger logger, string table, long rows, long estimate);

    [LoggerMessage(22, LogLevel.Information, "Snapshot of {Table} is complete: {Rows} rows")]
    public static partial void SnapshotEnds(ILogger logger, string table, long rows);

    [LoggerMessage(23, LogLevel.Warning, "Snapshot of {Table} waits: somebody holds a lock on the table, or waits for one; tried again")]
    public static partial void SnapshotLocked(ILogger logger, string table);

    [LoggerMessage(24, LogLevel.Warning, "The snapshot waits for transactions that wait for a synchronous standby: what they wrote is in the stream, and nobody sees it yet")]
    public static partial void SnapshotWaits(ILogger logger);
}
