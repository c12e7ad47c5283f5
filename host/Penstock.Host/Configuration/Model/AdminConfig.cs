using System.Net;

namespace Penstock.Host.Configuration;

/// <summary>Where the host answers about itself.</summary>
/// <param name="EndPoint">Port 0 takes a free one.</param>
/// <param name="Token">Empty when anybody on this machine may ask.</param>
/// <param name="StalledAfter">How long there may be no progress before that counts as trouble.</param>
sealed record AdminConfig(IPEndPoint EndPoint, Secret Token, TimeSpan StalledAfter);
