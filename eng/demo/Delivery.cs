namespace Penstock.Demo;

/// <summary>One line of the delivered file, as the judge reads it.</summary>
readonly record struct Delivery(string EventId, OrderChange Change, DateTimeOffset CommittedAt, DateTimeOffset SeenAt);
