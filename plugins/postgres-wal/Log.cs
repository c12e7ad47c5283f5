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

    [LoggerMessage(30, LogLevel.Information, "Snapshot of {Table} begins after {Rows} rows; there are about {Estimate}")]
    public static partial void SnapshotBegins(ILogger logger, string table, long rows, long estimate);

    [LoggerMessage(31, LogLevel.Information, "Snapshot of {Table}: {Rows} rows of about {Estimate}")]
    public static partial void SnapshotGoesOn(ILogger logger, string table, long rows, long estimate);

    [LoggerMessage(32, LogLevel.Information, "Snapshot of {Table} is complete: {Rows} rows")]
    public static partial void SnapshotEnds(ILogger logger, string table, long rows);

    [LoggerMessage(33, LogLevel.Warning, "Snapshot of {Table} waits: somebody holds a lock on the table, or waits for one; tried again")]
    public static partial void SnapshotLocked(ILogger logger, string table);

    [LoggerMessage(34, LogLevel.Warning, "The snapshot waits for transactions that wait for a synchronous standby: what they wrote is in the stream, and nobody sees it yet")]
    public static partial void SnapshotWaits(ILogger logger);

    [LoggerMessage(8, LogLevel.Information, "Slot {Slot} is in use ({Owner}); after a lost connection the server frees it by itself: waiting for up to {Patience}")]
    public static partial void SlotTaken(ILogger logger, string slot, string owner, TimeSpan patience);

    [LoggerMessage(36, LogLevel.Warning, "Publication {Publication} was made, or altered, after where slot {Slot} may stand. If it was made after the slot, PostgreSQL leaves out what was committed between: drop the slot with {Remedy} so that both are made in order")]
    public static partial void PublicationYounger(ILogger logger, string publication, string slot, string remedy);

    [LoggerMessage(37, LogLevel.Error, "Publication {Publication} was without {Tables} for a time since they were read last: what changed there meanwhile was not sent")]
    public static partial void PublicationChanged(ILogger logger, string publication, string tables);

    [LoggerMessage(20, LogLevel.Debug, "Slot {Slot}: nobody watches it just now: {Reason}")]
    public static partial void MonitorInterrupted(ILogger logger, string slot, string reason);

    [LoggerMessage(21, LogLevel.Warning, "Slot {Slot} is about to be lost: it keeps {Retained}, more than max_slot_wal_keep_size; the server removes that at its next checkpoint")]
    public static partial void SlotUnreserved(ILogger logger, string slot, string retained);

    [LoggerMessage(22, LogLevel.Error, "Slot {Slot} is lost: the server has removed WAL that it still needed (max_slot_wal_keep_size)")]
    public static partial void SlotLost(ILogger logger, string slot);

    [LoggerMessage(23, LogLevel.Warning, "Slot {Slot} keeps {Retained} of WAL at the server, more than 80 % of maxRetainedWal ({Limit})")]
    public static partial void RetainedWalNear(ILogger logger, string slot, string retained, string limit);

    [LoggerMessage(24, LogLevel.Warning, "Slot {Slot} keeps {Retained} of WAL at the server, more than maxRetainedWal ({Limit}); {Consequence}")]
    public static partial void RetainedWalBeyond(ILogger logger, string slot, string retained, string limit, string consequence);

    [LoggerMessage(25, LogLevel.Error, "Dropped slot {Slot}: it kept {Retained}, more than maxRetainedWal ({Limit}); changes after {Lsn} that were not delivered are lost")]
    public static partial void SlotDropped(ILogger logger, string slot, string retained, string limit, string lsn);

    [LoggerMessage(26, LogLevel.Warning, "Slot {Slot} was to be dropped and is still there: it keeps less by now, or somebody reads it; reading goes on")]
    public static partial void SlotNotDropped(ILogger logger, string slot);

    [LoggerMessage(27, LogLevel.Warning, "Slot {Slot}: the server refuses a heartbeat message ({Reason}), without which a quiet stream confirms nothing while \"messages\" are read: WAL is kept until something comes for the publication")]
    public static partial void HeartbeatRefused(ILogger logger, string slot, string reason);
}
