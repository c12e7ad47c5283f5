namespace Penstock.Host.Configuration;

/// <summary>One way in which a value breaks its schema.</summary>
/// <param name="Node">The value.</param>
/// <param name="IsName">The property's name is at fault, not its value.</param>
/// <param name="Message">What was expected and what was found.</param>
sealed record SchemaViolation(ConfigNode Node, bool IsName, string Message);
