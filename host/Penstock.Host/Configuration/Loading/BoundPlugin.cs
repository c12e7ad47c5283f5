namespace Penstock.Host.Configuration;

/// <summary>A plugin and its options, validated.</summary>
sealed record BoundPlugin<TDefinition>(TDefinition Definition, object Options)
    where TDefinition : PluginDefinition;
