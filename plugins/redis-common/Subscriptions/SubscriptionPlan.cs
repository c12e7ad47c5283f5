namespace Penstock.Redis;

/// <summary>What a source does on each of its connections.</summary>
/// <param name="Feed">What is subscribed to.</param>
/// <param name="HasCanary">Whether canaries prove the way.</param>
/// <param name="MaxBacklog">How many bytes may wait for a pipeline that does not take them.</param>
public sealed record SubscriptionPlan(ISubscriptionFeed Feed, bool HasCanary, long MaxBacklog);
