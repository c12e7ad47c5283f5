namespace Penstock.Redis;

/// <summary>What is wrong, or risky, at a server as such.</summary>
sealed class ServerCheck(RedisConnection connection, string user, CheckReport report)
{
    static readonly Version Oldest = new(6, 2);
    static readonly Version Counting = new(7, 0);

    public async ValueTask<long?> RunAsync(bool keepsData, CancellationToken cancellationToken)
    {
        ServerInfo info;
        try
        {
            info = new ServerInfo((await connection.ExecuteAsync(["INFO"], cancellationToken).ConfigureAwait(false)).AsText());
        }
        catch (RedisException refused)
        {
            report.Warn(
                $"{connection.Endpoint} does not tell user \"{user}\" its version, persistence, memory limit and replicas ({refused.Code}): none of them was looked at",
                refused.Code == "NOPERM" ? $"ACL SETUSER {user} +info" : "check again when the server answers");
            return null;
        }

        report.Fact($"Redis {info.Version} at {connection.Endpoint}, {(connection.Server.IsPrimary ? "a primary" : "a replica")} with {info.Replicas} replica(s)");
        CheckVersion(info, keepsData);
        if (keepsData)
        {
            CheckMemory(info);
            await CheckPersistenceAsync(info, cancellationToken).ConfigureAwait(false);
        }

        return info.Replicas;
    }

    void CheckVersion(ServerInfo info, bool keepsData)
    {
        if (info.Version < Oldest)
        {
            report.Fail($"{connection.Endpoint} runs Redis {info.Version}, expected {Oldest} or later", "upgrade the server");
        }
        else if (keepsData && info.Version < Counting)
        {
            report.Warn(
                $"Redis {info.Version} at {connection.Endpoint} does not count what was added to a stream: entries that are trimmed unread go unnoticed",
                $"upgrade it to {Counting} or later");
        }
    }

    void CheckMemory(ServerInfo info)
    {
        if (info.MaxMemory == 0)
        {
            return;
        }

        if (info.EvictionPolicy.StartsWith("allkeys", StringComparison.Ordinal))
        {
            report.Warn(
                $"{connection.Endpoint} may evict whole streams when it has {new ByteSize(info.MaxMemory)} (maxmemory-policy {info.EvictionPolicy})",
                "CONFIG SET maxmemory-policy noeviction");
        }
        else
        {
            report.Fact($"maxmemory is {new ByteSize(info.MaxMemory)}; when it is reached, nothing can be added ({info.EvictionPolicy})");
        }
    }

    async ValueTask CheckPersistenceAsync(ServerInfo info, CancellationToken cancellationToken)
    {
        if (!info.HasAppendOnlyFile)
        {
            report.Warn(
                $"{connection.Endpoint} has no append-only file: a crash takes what was added since its last snapshot, acknowledgements, too",
                "CONFIG SET appendonly yes, and the line \"appendonly yes\" in redis.conf");
            return;
        }

        var flushes = await SettingCheck.ReadAsync(
            connection, user, "appendfsync", "how much a crash takes is not known", report, cancellationToken).ConfigureAwait(false);
        switch (flushes)
        {
            case "everysec":
                report.Fact("the append-only file is flushed every second: a crash takes up to about a second");
                break;
            case "always":
                report.Fact("the append-only file is flushed with every write");
                break;
            case "no":
                report.Warn($"{connection.Endpoint} leaves it to the system when its append-only file is flushed: a crash takes what was not", "CONFIG SET appendfsync everysec");
                break;
        }
    }
}
