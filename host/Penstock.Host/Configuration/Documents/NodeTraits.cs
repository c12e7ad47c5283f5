namespace Penstock.Host.Configuration;

/// <summary>What schemas say about a value beyond what the schema engine checks.</summary>
sealed class NodeTraits
{
    /// <summary>The value must never be shown.</summary>
    public bool IsSecret { get; set; }

    /// <summary>References such as <c>${env:NAME}</c> are refused here.</summary>
    public bool IsLiteral { get; set; }

    /// <summary>The one scalar type that is allowed here: integer, number or boolean; null when text is, too.</summary>
    public string? Scalar { get; set; }

    /// <summary>A text with a unit; null for everything else.</summary>
    public UnitRange? Unit { get; set; }
}
