namespace Penstock.Host.Configuration;

/// <summary>Validates values against one schema. The implementation is the only place that knows the schema library.</summary>
interface ISchemaEngine
{
    /// <summary>Everything in which the value breaks the schema.</summary>
    IReadOnlyList<SchemaViolation> Validate(ConfigNode value);
}
