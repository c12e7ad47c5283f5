namespace Penstock.Benchmarks.Soak.Rules;

/// <summary>What one rule came to.</summary>
/// <param name="Rule">What it is about.</param>
/// <param name="Holds">Whether the soak passes it.</param>
/// <param name="Found">What was found.</param>
/// <param name="Limit">What was expected.</param>
sealed record Finding(string Rule, bool Holds, string Found, string Limit);
