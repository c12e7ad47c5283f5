using System.Text.Json.Nodes;
using Penstock.Benchmarks.Soak.Loads;
using Penstock.Benchmarks.Soak.Rules;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Pipelines;

/// <summary>One pipeline of the soak: its part of the config file, what writes to its source, and what judges its sink.</summary>
abstract class SoakPipeline
{
    public abstract string Name { get; }

    public abstract Gate Gate { get; }

    /// <summary>Events that the source's server has taken.</summary>
    public abstract long Sent { get; }

    /// <summary>Different events that came out.</summary>
    public abstract long Delivered { get; }

    /// <summary>Its part of the config file.</summary>
    public abstract JsonObject ToJson();

    /// <summary>Whether what is sent from now on will be delivered.</summary>
    public abstract bool IsReading();

    /// <summary>Writes until the gate closes.</summary>
    public abstract Task WriteAsync();

    /// <summary>Reads the sink's side until <see cref="EndJudge"/>.</summary>
    public virtual Task JudgeAsync() => Task.CompletedTask;

    public virtual void EndJudge()
    {
    }

    /// <summary>Looks at the host's own figures, several times a second while the most is measured.</summary>
    public virtual void Follow(Metrics metrics)
    {
    }

    /// <summary>Keeps the source from growing.</summary>
    public virtual void Tidy()
    {
    }

    /// <summary>What is found when everything has ended.</summary>
    /// <param name="total">Events that were to be sent.</param>
    public abstract IEnumerable<Finding> Judge(long total);

    protected static JsonObject Config(string source, JsonObject sourceConfig, string sink, JsonObject sinkConfig, int? lanes = null)
    {
        var output = new JsonObject { ["type"] = sink, ["config"] = sinkConfig };
        if (lanes is { } count)
        {
            output["lanes"] = count;
        }

        return new JsonObject
        {
            ["sources"] = new JsonObject { ["in"] = new JsonObject { ["type"] = source, ["config"] = sourceConfig } },
            ["sinks"] = new JsonObject { ["out"] = output },
        };
    }
}
