using System.ComponentModel;

namespace Penstock.Host.Configuration;

sealed class PluginsSection
{
    [Description("Folders that hold one folder per plugin, in addition to the host's own plugins folder. Relative paths start at this file.")]
    [Literal]
    public IReadOnlyList<string> Directories { get; init; } = [];
}
