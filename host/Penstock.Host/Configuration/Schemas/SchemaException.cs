namespace Penstock.Host.Configuration;

/// <summary>A schema, or the options class it comes from, that cannot be enforced as it stands.</summary>
sealed class SchemaException(string message) : Exception(message);
