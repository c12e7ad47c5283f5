using Npgsql;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// Notices a table that is taken out of the publication while it is read, of which the server says nothing: it just sends no more of it. Also one that was put back
/// between two looks.
/// </summary>
sealed class PublicationWatch(string publication, IReadOnlyList<string> tables)
{
    readonly TableName[] _tables = [.. tables.Select(TableName.Parse)];

    // By OID: two tables that change their names keep their places.
    readonly Dictionary<uint, PublicationMember> _members = [];

    /// <returns>Why reading must not go on; null when all is as it was.</returns>
    public async ValueTask<PluginException?> LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var members = await PublicationMember.ReadAsync(connection, _tables, publication, cancellationToken).ConfigureAwait(false);
        if (Changed(members).Count > 0)
        {
            // The server looks at the publication later than at the tables: one that was just made anew under its name seems to be gone.
            members = await PublicationMember.ReadAsync(connection, _tables, publication, cancellationToken).ConfigureAwait(false);
        }

        var changed = Changed(members);
        foreach (var member in members)
        {
            _members[member.Table] = member;
        }

        return changed.Count == 0
            ? null
            : new PluginException(
                FailureKind.Permanent,
                $"Publication \"{publication}\" has changed: {string.Join("; ", changed)}. Changes of the time between were not sent and will not come. Repeat what depends on them, then start again.");
    }

    List<string> Changed(IReadOnlyList<PublicationMember> members)
    {
        var changed = new List<string>();
        foreach (var member in members)
        {
            if (!member.IsMember)
            {
                changed.Add($"{member.Name} was taken out of it (put it back with ALTER PUBLICATION {Sql.Quote(publication)} ADD TABLE, or take it out of \"tables\")");
            }
            else if (_members.TryGetValue(member.Table, out var before) && member.WasPutBackSince(before))
            {
                changed.Add($"{member.Name} was taken out of it and put back, or set anew with ALTER PUBLICATION … SET TABLE");
            }
        }

        return changed;
    }
}
