namespace Penstock.Redis;

/// <summary>Asks a server what a user may do, without doing it.</summary>
/// <remarks>
/// The server decides when it queues a command of a transaction; DISCARD drops the queue. ACL DRYRUN would ask the same, but needs a right that such users lack.
/// </remarks>
sealed class RightsCheck(RedisConnection connection, string user, CheckReport report)
{
    public async ValueTask RunAsync(IReadOnlyList<RedisRight> rights, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync(["MULTI"], cancellationToken).ConfigureAwait(false);
        }
        catch (RedisException refused) when (refused.Code == "NOPERM")
        {
            // Without it the commands would be carried out.
            report.Warn($"user \"{user}\" may not use MULTI, so that nothing is known of its other rights", $"ACL SETUSER {user} +multi +discard");
            return;
        }

        var commands = new CommandBuffer();
        foreach (var right in rights)
        {
            commands.AddCommand([.. right.Command]);
        }

        commands.AddCommand("DISCARD");
        var replies = new RespValue[rights.Count + 1];
        await connection.ExecuteAsync(commands, replies, cancellationToken).ConfigureAwait(false);
        TellUnknown(rights, replies);
        Tell(rights, replies, isRequired: true);
        Tell(rights, replies, isRequired: false);
    }

    void TellUnknown(IReadOnlyList<RedisRight> rights, RespValue[] replies)
    {
        for (var i = 0; i < rights.Count; i++)
        {
            if (replies[i].IsError && RedisException.From(replies[i]).Message is var message && message.StartsWith("ERR unknown", StringComparison.OrdinalIgnoreCase))
            {
                report.Fail($"{connection.Endpoint} does not know {rights[i].Command[0]}, which is needed to {rights[i].Purpose}", "upgrade the server, or leave that out");
            }
        }
    }

    void Tell(IReadOnlyList<RedisRight> rights, RespValue[] replies, bool isRequired)
    {
        var problems = new List<string>();
        var grants = new List<string>();
        for (var i = 0; i < rights.Count; i++)
        {
            if (rights[i].IsRequired == isRequired && replies[i].IsError && RedisException.From(replies[i]) is { Code: "NOPERM" } refusal)
            {
                problems.Add($"{rights[i].Purpose} ({rights[i].Command[0]}{(rights[i].Name is { } name ? $" {name}" : "")})");
                grants.AddRange(Grants(rights[i], refusal.Message, IsNameOpen(rights[i].Name, rights, replies)));
            }
        }

        if (problems.Count == 0)
        {
            return;
        }

        var text = $"at {connection.Endpoint} user \"{user}\" may not {string.Join(", nor ", problems)}";
        var remedy = $"ACL SETUSER {user} {string.Join(' ', grants.Distinct())}";
        if (isRequired)
        {
            report.Fail(text, remedy);
        }
        else
        {
            report.Warn(text, remedy);
        }
    }

    // The server looks at keys and channels only when the command itself is allowed.
    static IEnumerable<string> Grants(RedisRight right, string message, bool isNameOpen)
    {
        var isChannel = right.Command[0].EndsWith("SUBSCRIBE", StringComparison.Ordinal) || right.Command[0].EndsWith("PUBLISH", StringComparison.Ordinal);
        var quoted = message.Split('\'');
        if (quoted.Length == 3)
        {
            yield return $"+{quoted[1]}";
        }

        if (right.Name is { } name && !isNameOpen)
        {
            yield return isChannel ? $"&{name}" : $"~{name}";
        }
    }

    static bool IsNameOpen(string? name, IReadOnlyList<RedisRight> rights, RespValue[] replies)
    {
        for (var i = 0; i < rights.Count; i++)
        {
            // Whatever else is wrong with it, such as a slot that lies elsewhere, is looked at after the rights.
            if (rights[i].Name == name && !(replies[i].IsError && RedisException.From(replies[i]).Code == "NOPERM"))
            {
                return true;
            }
        }

        return false;
    }
}
