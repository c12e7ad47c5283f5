namespace Penstock;

/// <summary>Defines a source: its options, what it promises, and how to make one.</summary>
/// <typeparam name="TOptions">
/// The config as a class: <c>init</c> properties with defaults, <c>required</c> for what the user must give. Its schema comes from
/// the properties and their DataAnnotations attributes.
/// </typeparam>
public abstract class SourcePlugin<TOptions> : SourceDefinition
    where TOptions : class
{
    internal override Type OptionsType => typeof(TOptions);

    /// <summary>What a source with these options promises. Default: the first of <see cref="SourceDefinition.Modes"/>.</summary>
    public virtual SourceTraits GetTraits(TOptions options) => Modes[0];

    /// <summary>What <see cref="ISnapshotSource"/> can be asked for with these options. Default: empty, which means that only the source itself knows.</summary>
    public virtual IReadOnlyList<string> GetSnapshotSubjects(TOptions options) => [];

    /// <summary>Checks rules between options that a schema cannot express. Reports all problems, connects to nothing.</summary>
    public virtual void Validate(TOptions options, ConfigReport report)
    {
    }

    /// <summary>Makes a source. No I/O here: the first connection belongs into <see cref="IChangeSource.ReadAsync"/>.</summary>
    public abstract IChangeSource Create(TOptions options, SourceContext context);

    /// <summary>
    /// Looks at the server before anything is read or created: <c>penstock check</c>. Reports what is missing, each with its remedy; changes nothing.
    /// Default: finds nothing.
    /// </summary>
    /// <param name="options">The validated config.</param>
    /// <param name="context">As the source would get it.</param>
    /// <param name="report">Takes what is found.</param>
    /// <param name="cancellationToken">Cancelled when the operator has waited long enough.</param>
    /// <exception cref="PluginException">The server cannot be reached or refuses us; becomes a problem of its own.</exception>
    public virtual ValueTask CheckAsync(TOptions options, SourceContext context, CheckReport report, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Tells what the server knows of this source's place: how far it lags, what is handed out and not acknowledged. For <c>penstock positions show --live</c>; changes nothing.
    /// Default: tells nothing.
    /// </summary>
    /// <param name="options">The validated config.</param>
    /// <param name="context">As the source would get it.</param>
    /// <param name="report">Takes the facts, and what is wrong.</param>
    /// <param name="cancellationToken">Cancelled when the operator has waited long enough.</param>
    /// <exception cref="PluginException">The server cannot be reached or refuses us; becomes a problem of its own.</exception>
    public virtual ValueTask DescribePositionAsync(TOptions options, SourceContext context, CheckReport report, CancellationToken cancellationToken) => default;

    internal override SourceTraits GetTraitsOf(object options) => GetTraits((TOptions)options);

    internal override IReadOnlyList<string> GetSnapshotSubjectsOf(object options) => GetSnapshotSubjects((TOptions)options);

    internal override void ValidateOptions(object options, ConfigReport report) => Validate((TOptions)options, report);

    internal override IChangeSource CreateSource(object options, SourceContext context) => Create((TOptions)options, context);

    internal override ValueTask CheckSourceAsync(object options, SourceContext context, CheckReport report, CancellationToken cancellationToken) =>
        CheckAsync((TOptions)options, context, report, cancellationToken);

    internal override ValueTask DescribeSourcePositionAsync(object options, SourceContext context, CheckReport report, CancellationToken cancellationToken) =>
        DescribePositionAsync((TOptions)options, context, report, cancellationToken);
}
