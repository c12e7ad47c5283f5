namespace Penstock.Sinks.Discard;

/// <summary>The sink has no options; the host counts what it delivered.</summary>
public sealed class DiscardOptions;
