using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Redis;

namespace Penstock.Sources.RedisStreams;

public sealed class RedisStreamsOptions
{
    internal const string FromNow = "$";

    internal TimeSpan? DelayOf(string stream) => Delayed is null || Delayed.Contains(stream) ? Delay : null;

    [Description("The Redis server.")]
    public required RedisConnectionOptions Connection { get; init; }

    [Description("The streams to read; each becomes a subject.")]
    [MinLength(1)]
    public required IReadOnlyList<string> Streams { get; init; }

    [Description("Who remembers what was read: \"group\", Redis, for the consumers of a group; or \"read\", the checkpoint alone.")]
    public StreamsMode Mode { get; init; } = StreamsMode.Group;

    [Description("The consumer group, with mode \"group\"; it is created, and the stream with it, when it does not exist.")]
    [MinLength(1)]
    public string? Group { get; init; }

    [Description("The consumer's name in the group; the default is penstock-<pipeline>-<source>. Two hosts must not share it.")]
    [MinLength(1)]
    public string? Consumer { get; init; }

    [Description("Where a group that does not exist yet, or a reader without a checkpoint, starts: \"0\", the first entry of the stream, or \"$\", the next one to come.")]
    [RegularExpression("^(0|\\$)$")]
    public string Start { get; init; } = "0";

    [Description("The field whose value keeps order, or a JSON pointer into it: customer, payload/customer/id. The default is the key of an "
        + "entry that Penstock wrote; other entries keep the order of their stream.")]
    [MinLength(1)]
    public string? Key { get; init; }

    [Description("The most entries of one stream that one read returns.")]
    [Range(1, 100_000)]
    public int Count { get; init; } = 1000;

    [Description("How long one read waits for new entries at the server.")]
    [Range(typeof(TimeSpan), "1ms", "1m")]
    public TimeSpan Block { get; init; } = TimeSpan.FromSeconds(1);

    [Description("Take over what another consumer of the group has left pending for so long, because it is gone for good. It must be longer than "
        + "any living consumer may hold an entry, or that entry is delivered twice. Without it, nothing is taken over.")]
    [Range(typeof(TimeSpan), "10ms", "24h")]
    public TimeSpan? ClaimIdle { get; init; }

    [Description("What happens when entries are lost unread: \"continue\" behind the loss, or \"halt\", the pipeline, until you decide. Both report it.")]
    public GapPolicy OnGap { get; init; } = GapPolicy.Continue;

    [Description("Whether each stream is read by one host at a time, in order, under a lease that another host takes over when this one dies. Without it, the hosts of a "
        + "group share the entries, and nobody keeps their order.")]
    public bool Ordered { get; init; }

    [Description("A stream for entries that were handed out more than maxDeliveries times and never settled, because the host died each time, say. Without it, they come again for ever.")]
    [MinLength(1)]
    public string? DeadLetterStream { get; init; }

    [Description("How many times the server may hand out an entry before it is set aside in deadLetterStream.")]
    [Range(1, 1_000_000)]
    public int MaxDeliveries { get; init; } = 10;

    [Description("Leaves out entries with an id that was read before; forgets everything at a restart.")]
    public DedupeOptions? Dedupe { get; init; }

    [Description("Deliver an entry only when it is so old, by its id and the server's clock. For messages that repair what a crash between a commit and its own message left "
        + "out, it must be longer than the longest transaction.")]
    [Range(typeof(TimeSpan), "1ms", "720h")]
    public TimeSpan? Delay { get; init; }

    [Description("The streams that delay is about; without it, all of them.")]
    [MinLength(1)]
    public IReadOnlyList<string>? Delayed { get; init; }

    [Description("Removes, by one host at a time, what every group has acknowledged and every reader with mode \"read\" has in its checkpoint; {} sets no other bound.")]
    public TrimOptions? Trim { get; init; }
}
