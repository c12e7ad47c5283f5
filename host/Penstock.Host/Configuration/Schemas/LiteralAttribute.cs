namespace Penstock.Host.Configuration;

/// <summary>An option in which references such as <c>${env:NAME}</c> are refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class LiteralAttribute : Attribute;
