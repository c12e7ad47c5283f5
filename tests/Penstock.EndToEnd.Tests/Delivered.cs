namespace Penstock.EndToEnd.Tests;

/// <summary>One entry of the sink's stream: the event's identity and the change it carries.</summary>
sealed record Delivered(string EventId, string Position, int Counter, int Value);
