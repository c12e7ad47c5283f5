using System.Net;

namespace Penstock.Host.Configuration;

/// <summary>Where the host answers about itself.</summary>
/// <param name="EndPoint">Port 0 takes a free one.</param>
/// <param name="Token">Empty when anybody on this machine may ask.</param>
sealed record AdminConfig(IPEndPoint EndPoint, Secret Token);
