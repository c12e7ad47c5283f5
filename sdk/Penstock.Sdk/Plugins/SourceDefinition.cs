namespace Penstock;

/// <summary>A source plugin as the host sees it. Derive from <see cref="SourcePlugin{TOptions}"/>.</summary>
public abstract class SourceDefinition : PluginDefinition
{
    private protected SourceDefinition()
    {
    }

    /// <summary>What the source can promise, one entry per mode; known without an instance.</summary>
    public abstract IReadOnlyList<SourceTraits> Modes { get; }

    internal abstract SourceTraits GetTraitsOf(object options);

    internal abstract IReadOnlyList<string> GetSnapshotSubjectsOf(object options);

    internal abstract IChangeSource CreateSource(object options, SourceContext context);

    internal abstract ValueTask CheckSourceAsync(object options, SourceContext context, CheckReport report, CancellationToken cancellationToken);

    internal abstract ValueTask DescribeSourcePositionAsync(object options, SourceContext context, CheckReport report, CancellationToken cancellationToken);
}
