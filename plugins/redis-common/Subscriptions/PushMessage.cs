namespace Penstock.Redis;

/// <summary>A message as the server pushed it.</summary>
/// <param name="Channel">The channel it was published to.</param>
/// <param name="Payload">Its bytes.</param>
public readonly record struct PushMessage(ReadOnlyMemory<byte> Channel, ReadOnlyMemory<byte> Payload);
