namespace Penstock.Host.Configuration;

/// <summary>The host's own schema keywords: what JSON schema has no words for. Editors ignore them.</summary>
static class SchemaKeywords
{
    /// <summary><c>true</c>: the value is never shown.</summary>
    public const string Secret = "x-secret";

    /// <summary><c>true</c>: references are refused.</summary>
    public const string Literal = "x-literal";

    /// <summary><c>"duration"</c> or <c>"size"</c>.</summary>
    public const string Unit = "x-unit";

    /// <summary>The smallest duration or size, in the form the user writes.</summary>
    public const string Minimum = "x-minimum";

    /// <summary>The greatest duration or size, in the form the user writes.</summary>
    public const string Maximum = "x-maximum";
}
