using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Penstock.Runtime.DeadLetters;
using Penstock.Runtime.Routing;

namespace Penstock.Host.Configuration;

sealed class SinkSection
{
    [Description("The sink plugin.")]
    [Literal]
    public required string Type { get; init; }

    [Description("The plugin's own options.")]
    public JsonObject Config { get; init; } = [];

    [Description("Parallel ordered queues, each with its own sink instance and connections.")]
    [Range(1, 256)]
    public int Lanes { get; init; } = 1;

    [Description("As the pipeline's \"ordering\", which is the default, for this sink alone.")]
    public Ordering? Ordering { get; init; }

    [Description("When a lane writes what it has gathered: whichever bound is reached first.")]
    public BatchConfig Batch { get; init; } = new();

    [Description("How long a lane waits after a transient failure of its sink. It retries for ever.")]
    public RetryConfig Retry { get; init; } = new();

    [Description("What happens when the sink refuses an event for good: \"halt\" stops the pipeline at it; \"deadLetter\" keeps it for a later replay and goes on.")]
    public PoisonPolicy OnPoison { get; init; } = PoisonPolicy.Halt;

    [Description("How the lanes go on after a dead letter. Only with \"onPoison\": \"deadLetter\".")]
    public DeadLettersConfig DeadLetters { get; init; } = new();
}
