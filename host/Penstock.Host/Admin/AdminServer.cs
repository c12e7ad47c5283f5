using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Penstock.Host.Admin.Health;
using Penstock.Host.Admin.Metrics;
using Penstock.Host.Configuration;
using Penstock.Host.Running;

namespace Penstock.Host.Admin;

/// <summary>Answers about the host over HTTP: Kestrel by itself, without the middleware of a web application.</summary>
sealed class AdminServer(ILoggerFactory loggers, Meter meter, TimeProvider time, PipelineService pipelines, IHostApplicationLifetime lifetime) : IAsyncDisposable
{
    // Scrapers and probes are few; whoever opens more connections must not eat the host's file handles.
    const int MaxConnections = 64;

    readonly ILogger _log = loggers.CreateLogger<AdminServer>();
    KestrelServer? _server;
    MetricsRegistry? _metrics;
    HealthMonitor? _health;

    /// <summary>Starts to answer. What is measured from now on is in the figures.</summary>
    /// <param name="config">Where, and to whom.</param>
    /// <param name="refused">Pipelines of the config that do not run, and why.</param>
    /// <exception cref="IOException">The address cannot be listened on; the message says what to do.</exception>
    public async Task StartAsync(AdminConfig config, IReadOnlyList<(string Pipeline, string Reason)> refused)
    {
        _metrics = new MetricsRegistry(meter, _log);
        _health = new HealthMonitor(pipelines, refused, config.StalledAfter, time, _log, lifetime.ApplicationStopping);
        _health.Start();
        var health = new HealthPages(_health);
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Listen(config.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
        var pages = new Dictionary<string, AdminPage>(StringComparer.Ordinal)
        {
            ["/metrics"] = new MetricsPage(_metrics, new ProcessFigures(), _health).Answer,
            ["/health"] = health.Health,
            ["/ready"] = health.Ready,
        };
        try
        {
            await _server.StartAsync(new AdminApplication(new RequestGuard(config.Token), pages), CancellationToken.None);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new IOException(Explain(config.EndPoint, failure), failure);
        }

        _log.Listens(string.Join(", ", _server.Features.Get<IServerAddressesFeature>()!.Addresses));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // Nobody who still asks may delay the end of the process.
            await _server.StopAsync(new CancellationToken(canceled: true));
            _server.Dispose();
        }

        _health?.Dispose();
        _metrics?.Dispose();
    }

    static string Explain(IPEndPoint endPoint, Exception failure)
    {
        var code = (failure as SocketException ?? failure.GetBaseException() as SocketException)?.SocketErrorCode;
        return code switch
        {
            SocketError.AddressAlreadyInUse =>
                $"http://{endPoint}: admin.listen is taken by another process. `ss -ltnp 'sport = :{endPoint.Port}'` says which; stop that one, or give admin.listen another port (0 takes a free one)",
            SocketError.AddressNotAvailable =>
                $"http://{endPoint}: admin.listen names an address that this machine does not have. Name one of its own, or 0.0.0.0 for all of them",
            SocketError.AccessDenied =>
                $"http://{endPoint}: this user may not listen on the port of admin.listen. Choose one from 1024 on",
            _ => $"http://{endPoint}: admin.listen cannot be listened on ({failure.Message}). Give it another address or port",
        };
    }
}
