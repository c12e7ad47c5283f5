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
}
