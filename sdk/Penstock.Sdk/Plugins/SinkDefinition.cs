namespace Penstock;

/// <summary>A sink plugin as the host sees it. Derive from <see cref="SinkPlugin{TOptions}"/>.</summary>
public abstract class SinkDefinition : PluginDefinition
{
    private protected SinkDefinition()
    {
    }

    /// <summary>What the sink promises before it has seen its options and its server; known without an instance.</summary>
    public abstract SinkTraits Traits { get; }

    internal abstract SinkTraits GetTraitsOf(object options);

    internal abstract ISink CreateSink(object options, SinkContext context);

    internal abstract ValueTask CheckSinkAsync(object options, SinkContext context, CheckReport report, CancellationToken cancellationToken);
}
