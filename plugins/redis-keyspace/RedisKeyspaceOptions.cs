using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Penstock.Redis;

namespace Penstock.Sources.RedisKeyspace;

public sealed class RedisKeyspaceOptions
{
    [Description("The server, how to log in, and with \"database\" the database whose keys are watched.")]
    public required RedisConnectionOptions Connection { get; init; }

    [Description("Redis patterns of keys, such as \"user:*\"; a notification that several patterns match is delivered once.")]
    [MinLength(1)]
    public IReadOnlyList<string> Keys { get; init; } = ["*"];

    [Description("The events to deliver by Redis' names, such as \"set\", \"del\", \"expired\"; empty for all.")]
    public IReadOnlyList<string> Events { get; init; } = [];

    [Description("Whether to read the value of the key a moment after each event; it may be newer than the event, or gone.")]
    public bool Enrich { get; init; }

    [Description("How large a value may be to be read, as the server estimates it (MEMORY USAGE) and as it comes.")]
    [Range(typeof(ByteSize), "64B", "1MiB")]
    public ByteSize EnrichLimit { get; init; } = new(64 << 10);

    [Description("Whether to set a key of one's own about once a second: it proves that notifications work, and makes loss windows certain.")]
    public bool Canary { get; init; }

    [Description("How much may wait for a pipeline that takes notifications more slowly than they come; beyond it they are dropped and counted.")]
    [Range(typeof(ByteSize), "64KiB", "4GiB")]
    public ByteSize MaxBacklog { get; init; } = new(32 << 20);
}
