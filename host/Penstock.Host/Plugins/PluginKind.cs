namespace Penstock.Host.Plugins;

/// <summary>What a plugin adds. A source and a sink may share a name.</summary>
enum PluginKind
{
    Source = 1,
    Sink = 2,
}
