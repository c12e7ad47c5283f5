using Microsoft.Extensions.Logging;
using Penstock.Runtime.Lanes;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Diagnostics;

/// <summary>Every message of the runtime. Ids are documented names of situations: keep them.</summary>
static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "{pipeline}: {source} → {sink}: {guarantee}")]
    public static partial void Guarantee(this ILogger log, string pipeline, string source, string sink, string guarantee);

    [LoggerMessage(101, LogLevel.Information, "{pipeline}/{source}: resumes after {position}")]
    public static partial void Resumes(this ILogger log, string pipeline, string source, SourcePosition position);

    [LoggerMessage(102, LogLevel.Information, "{pipeline}/{source}: no checkpoint yet, so the source decides where to begin")]
    public static partial void StartsFresh(this ILogger log, string pipeline, string source);

    [LoggerMessage(103, LogLevel.Warning, "{pipeline}/{source}: reading failed ({failures} in a row), begins again in {pause}: {reason}")]
    public static partial void SourceRetries(this ILogger log, string pipeline, string source, int failures, TimeSpan pause, string reason);

    [LoggerMessage(104, LogLevel.Warning, "{lane}: could not {verb} the sink ({failures} in a row), tries again in {pause}: {reason}")]
    public static partial void SinkRetries(this ILogger log, LaneIdentity lane, string verb, int failures, TimeSpan pause, string reason);

    [LoggerMessage(105, LogLevel.Information, "{lane}: the sink works again after {failures} failed attempts")]
    public static partial void SinkRecovered(this ILogger log, LaneIdentity lane, int failures);

    [LoggerMessage(106, LogLevel.Error, "{pipeline}: stopped, {reason}")]
    public static partial void PipelineFailed(this ILogger log, Exception failure, string pipeline, string reason);

    [LoggerMessage(
        107,
        LogLevel.Information,
        "{pipeline}: {source} → {sink}: read {read}, delivered {delivered}, skipped {skipped}, dead-lettered {deadLettered}, in flight {inFlight}")]
    public static partial void Books(
        this ILogger log, string pipeline, string source, string sink, long read, long delivered, long skipped, long deadLettered, long inFlight);

    [LoggerMessage(108, LogLevel.Warning, "{pipeline}/{source}: loss window, {cause} {node} {subject} from {openedAt:O} to {closedAt:O}, missed {missed}: {detail}")]
    public static partial void LossWindow(
        this ILogger log, string pipeline, string source, LossCause cause, string node, string subject, DateTimeOffset openedAt, DateTimeOffset? closedAt, long? missed, string detail);

    [LoggerMessage(109, LogLevel.Error, "{pipeline}/{source}: the checkpoint cannot be written, nothing is acknowledged until it can; tries again: {reason}")]
    public static partial void CheckpointFails(this ILogger log, string pipeline, string source, string reason);

    [LoggerMessage(110, LogLevel.Warning, "{pipeline}/{source}: the source did not take an acknowledgement; it will deliver again what it must: {reason}")]
    public static partial void AcknowledgeFailed(this ILogger log, string pipeline, string source, string reason);

    [LoggerMessage(111, LogLevel.Warning, "{file}: not a whole checkpoint ({cause}); the other generation is used")]
    public static partial void CheckpointDamaged(this ILogger log, string file, string cause);

    [LoggerMessage(112, LogLevel.Warning, "{pipeline}: {seconds} s were not enough to deliver what was read; the rest is read again after the restart")]
    public static partial void DrainTimedOut(this ILogger log, string pipeline, double seconds);

    [LoggerMessage(113, LogLevel.Error, "{pipeline}/{source}: a loss window cannot be written, tries again")]
    public static partial void LossLogFails(this ILogger log, Exception failure, string pipeline, string source);

    [LoggerMessage(115, LogLevel.Information, "{pipeline}: running")]
    public static partial void Running(this ILogger log, string pipeline);

    [LoggerMessage(116, LogLevel.Information, "{pipeline}: stopping, delivers what it has read")]
    public static partial void Stopping(this ILogger log, string pipeline);

    [LoggerMessage(117, LogLevel.Information, "{pipeline}: ended")]
    public static partial void Ended(this ILogger log, string pipeline);

    [LoggerMessage(114, LogLevel.Warning, "{pipeline}: {part} could not be closed cleanly")]
    public static partial void DisposeFailed(this ILogger log, Exception failure, string pipeline, string part);

    [LoggerMessage(118, LogLevel.Information, "{pipeline}/{source} → {sink}: a new sink, starts at the checkpoint at {position}; what came before is not sent to it")]
    public static partial void NewSink(this ILogger log, string pipeline, string source, string sink, SourcePosition position);

    [LoggerMessage(
        119,
        LogLevel.Warning,
        "{pipeline}/{source} → {sink}: the sink holds nothing any more of what it was given up to {held}; it goes on after the checkpoint as a new sink would")]
    public static partial void SinkEmptied(this ILogger log, string pipeline, string source, string sink, SourcePosition held);

    [LoggerMessage(
        120,
        LogLevel.Warning,
        "{pipeline}/{source} → {sink}: the sink was rewound: it holds events up to {now} and was given them up to {held}; reads again from there if the source still has them")]
    public static partial void SinkRewound(this ILogger log, string pipeline, string source, string sink, SourcePosition now, SourcePosition held);

    [LoggerMessage(
        121,
        LogLevel.Information,
        "{pipeline}: the lanes of {sink} changed from {before} to {after}: what it may hold is read again with the lanes it was written with, then the new ones take over")]
    public static partial void LanesChange(this ILogger log, string pipeline, string sink, LaneLayout before, LaneLayout after);

    [LoggerMessage(122, LogLevel.Information, "{pipeline}: the new lanes take over")]
    public static partial void LanesChanged(this ILogger log, string pipeline);

    [LoggerMessage(123, LogLevel.Warning, "{lane}: the sink refused {id}, which is a dead letter now: {reason}")]
    public static partial void DeadLetter(this ILogger log, LaneIdentity lane, string id, string reason);

    [LoggerMessage(124, LogLevel.Error, "{lane}: {count} dead letters cannot be written, the lane waits until they can; tries again: {reason}")]
    public static partial void DeadLettersFail(this ILogger log, LaneIdentity lane, int count, string reason);

    [LoggerMessage(125, LogLevel.Error, "{reason}")]
    public static partial void LanesNotChanged(this ILogger log, string reason);

    [LoggerMessage(126, LogLevel.Information, "{pipeline}/{source}: {subjects} will be read again, as was asked for")]
    public static partial void SnapshotRequested(this ILogger log, string pipeline, string source, string subjects);

    [LoggerMessage(127, LogLevel.Error, "{pipeline}/{source}: a request for a snapshot is refused: {reason}")]
    public static partial void SnapshotRequestRefused(this ILogger log, string pipeline, string source, string reason);

    [LoggerMessage(128, LogLevel.Warning, "{pipeline}/{source}: a request for a snapshot waits, tries again in {pause}: {reason}")]
    public static partial void SnapshotRequestWaits(this ILogger log, string pipeline, string source, TimeSpan pause, string reason);

    [LoggerMessage(129, LogLevel.Information, "{lane}: {count} events of a transaction that has not come whole are left for the next start")]
    public static partial void TransactionUnfinished(this ILogger log, LaneIdentity lane, int count);
}
