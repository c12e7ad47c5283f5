namespace Penstock.Redis;

/// <summary>The server sent what is not RESP3, or more than the limits allow. The connection is closed.</summary>
public sealed class RedisProtocolException(string message) : RedisConnectionException(message);
