using Microsoft.Extensions.Logging;

namespace Penstock.Sources.RedisStreams;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "Group {Group} or stream {Stream} at {Endpoint} was deleted; it has been made again and is read from its first entry")]
    public static partial void GroupWasLost(this ILogger log, string group, string stream, string endpoint);

    [LoggerMessage(2, LogLevel.Warning,
        "{Missed} entries of stream {Stream} at {Endpoint} were deleted or trimmed while they were pending, from {First} to {Last}")]
    public static partial void PendingEntriesWereDeleted(
        this ILogger log, long missed, string stream, string endpoint, StreamId first, StreamId last);

    [LoggerMessage(3, LogLevel.Warning,
        "{Batches} reads could not be acknowledged; they are kept and tried again with the next acknowledgement: {Reason}")]
    public static partial void AcknowledgeFails(this ILogger log, int batches, string reason);

    [LoggerMessage(4, LogLevel.Warning,
        "An entry of stream {Stream} has no value at \"{Key}\"; such entries keep the order of their stream. Said once")]
    public static partial void KeyIsMissing(this ILogger log, string stream, string key);

    [LoggerMessage(5, LogLevel.Warning, "{Batches} reads could not be acknowledged and stay pending, for good: {Reason}")]
    public static partial void AcknowledgeIsRefused(this ILogger log, int batches, string reason);

    [LoggerMessage(6, LogLevel.Warning,
        "{Entries} entries of stream {Stream} at {Endpoint} were taken over from consumers that had left them pending for {Idle} or longer")]
    public static partial void EntriesWereTakenOver(this ILogger log, int entries, string stream, string endpoint, TimeSpan idle);

    [LoggerMessage(7, LogLevel.Warning,
        "{Missed} entries of stream {Stream} at {Endpoint} were trimmed or deleted before they were read; the next one is {Next}")]
    public static partial void EntriesWereTrimmed(this ILogger log, long missed, string stream, string endpoint, StreamId next);

    [LoggerMessage(11, LogLevel.Warning,
        "Stream {Stream} at {Endpoint} was deleted and made anew, or a server that lagged has taken over: what was not read by then is gone")]
    public static partial void StreamWasMadeAnew(this ILogger log, string stream, string endpoint);

    [LoggerMessage(10, LogLevel.Warning,
        "Stream {Stream} at {Endpoint} went back: its newest entry is {Newest}, although {Read} was read from it")]
    public static partial void StreamWentBack(this ILogger log, string stream, string endpoint, StreamId newest, StreamId read);

    [LoggerMessage(9, LogLevel.Warning,
        "An entry of stream {Stream} has the fields id, key and event, but its event is none: {Reason} Such entries become rows of their fields. Said once")]
    public static partial void EventIsNone(this ILogger log, string stream, string reason);

    [LoggerMessage(8, LogLevel.Warning,
        "Entries of stream {Stream} at {Endpoint} that are trimmed before they are read go unnoticed: {Reason}. Grant +multi +exec +xinfo|stream +xinfo|groups")]
    public static partial void GapsStayUnseen(this ILogger log, string stream, string endpoint, string reason);

    [LoggerMessage(12, LogLevel.Warning,
        "{Entries} entries of stream {Stream} were not pending for this consumer when it acknowledged them: another one took them over, because claimIdle is too short, or uses "
        + "the same consumer name")]
    public static partial void WereAcknowledgedByOthers(this ILogger log, long entries, string stream);

    [LoggerMessage(13, LogLevel.Warning,
        "{Entries} entries of stream {Stream} that were delivered here are not acknowledged: another host reads the stream by now, and delivers them again")]
    public static partial void AcknowledgeIsFenced(this ILogger log, int entries, string stream);

    [LoggerMessage(14, LogLevel.Warning,
        "Entry {Id} of stream {Stream} was handed out {Deliveries} times and never settled; it is set aside in stream {DeadLetters}")]
    public static partial void EntryIsSetAside(this ILogger log, StreamId id, string stream, long deliveries, string deadLetters);

    [LoggerMessage(15, LogLevel.Warning,
        "Pending entries cannot be kept from other consumers, who take them over when a sink is slow for longer than claimIdle: {Reason}")]
    public static partial void RefreshFails(this ILogger log, string reason);

    [LoggerMessage(16, LogLevel.Information, "Stream {Stream} is read here from now on (lease {Key}, epoch {Epoch})")]
    public static partial void LeaseIsTaken(this ILogger log, string stream, string key, long epoch);

    [LoggerMessage(17, LogLevel.Information, "Stream {Stream} is read by another host; this one stands by (lease {Key})")]
    public static partial void StandsBy(this ILogger log, string stream, string key);

    [LoggerMessage(18, LogLevel.Debug, "The leases could not be renewed; it is tried again until they end: {Reason}")]
    public static partial void LeaseIsNotRenewed(this ILogger log, string reason);

    [LoggerMessage(20, LogLevel.Warning, "Reading {Streams} failed and is tried again by itself in {Pause}, while others go on: {Reason}")]
    public static partial void ReaderReconnects(this ILogger log, string streams, TimeSpan pause, string reason);

    [LoggerMessage(19, LogLevel.Debug, "A read that waits for entries could not be ended early; it ends by itself: {Reason}")]
    public static partial void ReadIsNotEnded(this ILogger log, string reason);

    [LoggerMessage(21, LogLevel.Warning, "Stream {Stream} could not be trimmed; it is tried again every second: {Reason}")]
    public static partial void TrimFails(this ILogger log, string stream, string reason);

    [LoggerMessage(22, LogLevel.Warning, "{Entries} entries of stream {Stream} were removed by trim.maxAge or maxLength before {Holder} had read or acknowledged them")]
    public static partial void UnreadEntriesWereTrimmed(this ILogger log, long entries, string stream, string holder);

    [LoggerMessage(23, LogLevel.Warning, "Whoever trims stream {Stream} cannot know what was read from it: {Reason} If anybody does, it takes +hset on the key prefix (connection.keyPrefix), and a server that accepts writes")]
    public static partial void PlaceIsNotTold(this ILogger log, string stream, string reason);

    [LoggerMessage(24, LogLevel.Warning, "The group of stream {Stream} at {Endpoint} was sent forward from {From} to {To}: what lies between is not read")]
    public static partial void GroupWasSentForward(this ILogger log, string stream, string endpoint, StreamId from, StreamId to);
}
