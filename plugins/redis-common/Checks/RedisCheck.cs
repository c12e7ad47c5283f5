using System.Text;

namespace Penstock.Redis;

/// <summary>Looks at Redis servers for <c>penstock check</c>; changes nothing there.</summary>
/// <param name="servers">Where.</param>
/// <param name="options">Those that it was made of.</param>
/// <param name="report">Takes what is found.</param>
public sealed class RedisCheck(RedisServers servers, RedisConnectionOptions options, CheckReport report)
{
    readonly string _user = options.User ?? "default";

    /// <summary>Looks at every primary; one that cannot be reached, or refuses us, is a problem like others.</summary>
    /// <exception cref="PluginException">Not even the primaries are known.</exception>
    public async ValueTask EachPrimaryAsync(Func<RedisConnection, ValueTask> look, CancellationToken cancellationToken)
    {
        IReadOnlyList<RedisEndpoint> primaries;
        try
        {
            primaries = await servers.PrimariesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RedisClientException e)
        {
            throw e.ToPluginException($"Looking for {string.Join(", ", options.Endpoints)}");
        }

        foreach (var primary in primaries)
        {
            await AtAsync(servers.ConnectToAsync(primary, cancellationToken), look).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at the primary that has a key, or at any without one.</summary>
    public ValueTask AtKeyAsync(string? key, Func<RedisConnection, ValueTask> look, CancellationToken cancellationToken) => AtAsync(
        key is null ? servers.ConnectAsync(cancellationToken) : servers.ConnectAsync(Encoding.UTF8.GetBytes(key), cancellationToken), look);

    /// <summary>Looks at a server's version, role and replicas.</summary>
    /// <param name="connection">To the server.</param>
    /// <param name="keepsData">Whether what was added has to survive: then persistence and eviction, too.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <returns>How many replicas are connected; null when the server does not tell.</returns>
    public ValueTask<long?> ServerAsync(RedisConnection connection, bool keepsData, CancellationToken cancellationToken) =>
        new ServerCheck(connection, _user, report).RunAsync(keepsData, cancellationToken);

    /// <summary>Asks for each command whether the user may, and reports all refusals at once with what to grant. At one primary: users are the same on all.</summary>
    public ValueTask RightsAsync(IReadOnlyList<RedisRight> rights, CancellationToken cancellationToken) => AtKeyAsync(
        key: null, connection => new RightsCheck(connection, _user, report).RunAsync(rights, cancellationToken), cancellationToken);

    /// <summary>Looks at a setting.</summary>
    /// <returns>Its value; null when the user may not see it, which is reported with its consequence.</returns>
    public ValueTask<string?> SettingAsync(RedisConnection connection, string name, string consequence, CancellationToken cancellationToken) =>
        SettingCheck.ReadAsync(connection, _user, name, consequence, report, cancellationToken);

    async ValueTask AtAsync(ValueTask<RedisConnection> connecting, Func<RedisConnection, ValueTask> look)
    {
        try
        {
            var connection = await connecting.ConfigureAwait(false);
            await using var closing = connection.ConfigureAwait(false);
            await look(connection).ConfigureAwait(false);
        }
        catch (RedisClientException e)
        {
            report.Fail(e.Message, e.Remedy.Length > 0 ? e.Remedy : "mend that, then check again");
        }
    }
}
