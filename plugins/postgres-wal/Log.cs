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

    [LoggerMessage(20, LogLevel.Warning, "Slot {Slot}: the server refuses a heartbeat message ({Reason}), without which a quiet stream confirms nothing while \"messages\" are read: WAL is kept until something comes for the publication")]
    public static partial void HeartbeatRefused(ILogger logger, string slot, string reason);
}
