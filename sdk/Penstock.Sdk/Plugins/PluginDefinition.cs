namespace Penstock;

/// <summary>What <see cref="SourcePlugin{TOptions}"/> and <see cref="SinkPlugin{TOptions}"/> have in common.</summary>
public abstract class PluginDefinition
{
    private protected PluginDefinition()
    {
    }

    /// <summary>One sentence for <c>penstock plugins list</c>.</summary>
    public abstract string Summary { get; }

    /// <summary>
    /// A JSON schema (draft-07 vocabulary) to validate the config with; null, the default, derives it from the options class.
    /// </summary>
    public virtual string? Schema => null;

    internal abstract Type OptionsType { get; }

    internal abstract void ValidateOptions(object options, ConfigReport report);
}
