using System.ComponentModel;

namespace Penstock.Host.Tests.Configuration;

sealed class PrintOptions
{
    [Description("Whether to use colours.")]
    public bool Colours { get; init; } = true;
}
