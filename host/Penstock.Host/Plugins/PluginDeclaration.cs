namespace Penstock.Host.Plugins;

/// <summary>One <see cref="PluginAttribute"/> as metadata has it.</summary>
/// <param name="Name">The plugin's name, not checked yet.</param>
/// <param name="TypeName">The definition's full name.</param>
/// <param name="Kind">Null when the definition's base class lies in another assembly than the SDK.</param>
readonly record struct PluginDeclaration(string Name, string TypeName, PluginKind? Kind);
