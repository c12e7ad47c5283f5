namespace Penstock.Benchmarks.Measuring;

/// <summary>What the host said of itself, and the moments between which it said so.</summary>
/// <param name="Before">When it was asked: what it says had not happened by then, it may have done a little later.</param>
/// <param name="After">When the answer was there: all that it says had happened by then.</param>
/// <param name="Received">Events that came from the source.</param>
/// <param name="Delivered">Events that the sink has made durable.</param>
/// <param name="AllocatedBytes">What the host has allocated on its heap since it started.</param>
sealed record HostReading(Moment Before, Moment After, long Received, long Delivered, double? AllocatedBytes);
