namespace Penstock;

/// <summary>Defines a sink: its options, what it promises, and how to make one per lane.</summary>
/// <typeparam name="TOptions">
/// The config as a class: <c>init</c> properties with defaults, <c>required</c> for what the user must give. Its schema comes from
/// the properties and their DataAnnotations attributes.
/// </typeparam>
public abstract class SinkPlugin<TOptions> : SinkDefinition
    where TOptions : class
{
    internal override Type OptionsType => typeof(TOptions);

    /// <summary>What a sink with these options promises, before it has seen its server. Default: <see cref="SinkDefinition.Traits"/>.</summary>
    public virtual SinkTraits GetTraits(TOptions options) => Traits;

    /// <summary>Checks rules between options that a schema cannot express. Reports all problems, connects to nothing.</summary>
    public virtual void Validate(TOptions options, ConfigReport report)
    {
    }

    /// <summary>Makes the sink of one lane. No I/O here: connect in <see cref="ISink.OpenAsync"/>.</summary>
    public abstract ISink Create(TOptions options, SinkContext context);

    /// <summary>
    /// Looks at the server before anything is read or created: <c>penstock check</c>. Reports what is missing, each with its remedy; changes nothing.
    /// Default: finds nothing.
    /// </summary>
    /// <param name="options">The validated config.</param>
    /// <param name="context">As the sink would get it.</param>
    /// <param name="report">Takes what is found.</param>
    /// <param name="cancellationToken">Cancelled when the operator has waited long enough.</param>
    /// <exception cref="PluginException">The server cannot be reached or refuses us; becomes a problem of its own.</exception>
    public virtual ValueTask CheckAsync(TOptions options, SinkContext context, CheckReport report, CancellationToken cancellationToken) => default;

    internal override SinkTraits GetTraitsOf(object options) => GetTraits((TOptions)options);

    internal override void ValidateOptions(object options, ConfigReport report) => Validate((TOptions)options, report);

    internal override ISink CreateSink(object options, SinkContext context) => Create((TOptions)options, context);

    internal override ValueTask CheckSinkAsync(object options, SinkContext context, CheckReport report, CancellationToken cancellationToken) =>
        CheckAsync((TOptions)options, context, report, cancellationToken);
}
