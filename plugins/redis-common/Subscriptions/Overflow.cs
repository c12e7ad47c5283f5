namespace Penstock.Redis;

/// <summary>Messages that were received and dropped, because what waits is bounded.</summary>
/// <param name="Since">Everything up to here was kept.</param>
/// <param name="Until">Everything from here on is kept again.</param>
/// <param name="Count">How many.</param>
readonly record struct Overflow(DateTimeOffset Since, DateTimeOffset Until, long Count);
