namespace Penstock.Redis;

/// <summary>A command that a plugin sends, as far as the server decides whether its user may.</summary>
/// <param name="Purpose">What it is for, as in "may not …".</param>
/// <param name="Name">The key or channel in it; null when there is none, or it is not known beforehand.</param>
/// <param name="IsRequired">Whether nothing works without it.</param>
/// <param name="Command">With arguments of the right number and kind; it is never run.</param>
public sealed record RedisRight(string Purpose, string? Name, bool IsRequired, params IReadOnlyList<string> Command);
