namespace Penstock;

/// <summary>
/// Declares a plugin: <c>[assembly: Plugin("hello", typeof(HelloPlugin))]</c>. The host reads it from metadata before any code
/// of the assembly runs, and never scans for types.
/// </summary>
/// <param name="name">The <c>type</c> that a config names: lower-case letters, digits and hyphens.</param>
/// <param name="definition">A class that derives from <see cref="SourcePlugin{TOptions}"/> or <see cref="SinkPlugin{TOptions}"/> and has a parameterless constructor.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute(string name, Type definition) : Attribute
{
    /// <summary>The <c>type</c> that a config names.</summary>
    public string Name { get; } = name;

    /// <summary>The plugin's definition.</summary>
    public Type Definition { get; } = definition;
}
