using Npgsql.Replication.PgOutput.Messages;

namespace Penstock.Sources.PostgresWal;

/// <summary>Turns pgoutput's messages into changes. Npgsql reuses its message objects: everything is copied before the next one.</summary>
sealed class MessageDecoder(RelationCache relations, EventAssembler events)
{
    readonly TupleReader _tuples = new();

    public ValueTask DecodeAsync(PgOutputReplicationMessage message)
    {
        switch (message)
        {
            case InsertMessage insert:
                return InsertAsync(insert);
            case DefaultUpdateMessage update:
                return UpdateAsync(update);
            case IndexUpdateMessage update:
                return UpdateAsync(update);
            case FullUpdateMessage update:
                return UpdateAsync(update);
            case KeyDeleteMessage delete:
                return DeleteAsync(delete);
            case FullDeleteMessage delete:
                return DeleteAsync(delete);
            case BeginMessage begin:
                events.Begin((ulong)begin.TransactionFinalLsn, begin.TransactionXid, begin.TransactionCommitTimestamp);
                return default;
            case CommitMessage commit:
                events.Commit((ulong)commit.TransactionEndLsn);
                return default;
            case RelationMessage relation:
                return relations.UpdateAsync(relation);
            case TruncateMessage truncate:
                Truncate(truncate);
                return default;
            default:
                // Origins and type names, which say nothing about rows.
                return default;
        }
    }

    async ValueTask InsertAsync(InsertMessage message)
    {
        var relation = relations.Get(message.Relation);
        var ordinal = events.Count();
        if (relation.IsCaptured)
        {
            var after = await _tuples.ReadRowAsync(message.NewRow, relation).ConfigureAwait(false);
            events.Add(new Change(ChangeKind.Insert, relation, ordinal, null, after));
        }
    }

    async ValueTask UpdateAsync(DefaultUpdateMessage message)
    {
        var relation = relations.Get(message.Relation);
        var ordinal = events.Count();
        if (relation.IsCaptured)
        {
            var after = await _tuples.ReadRowAsync(message.NewRow, relation).ConfigureAwait(false);
            events.Add(new Change(ChangeKind.Update, relation, ordinal, null, after));
        }
    }

    async ValueTask UpdateAsync(IndexUpdateMessage message)
    {
        var relation = relations.Get(message.Relation);
        var before = await _tuples.ReadKeyAsync(message.Key, relation).ConfigureAwait(false);
        var after = await _tuples.ReadRowAsync(message.NewRow, relation, before).ConfigureAwait(false);
        Update(relation, before, after);
    }

    async ValueTask UpdateAsync(FullUpdateMessage message)
    {
        var relation = relations.Get(message.Relation);
        var before = await _tuples.ReadRowAsync(message.OldRow, relation).ConfigureAwait(false);
        var after = await _tuples.ReadRowAsync(message.NewRow, relation, before).ConfigureAwait(false);
        Update(relation, before, after);
    }

    // Rows of tables that are not configured come here too: a change of key counts as two whatever the config says.
    void Update(Relation relation, Row before, Row after)
    {
        if (relation.HasSameKey(before, after))
        {
            events.Add(new Change(ChangeKind.Update, relation, events.Count(), before, after));
        }
        else
        {
            events.Add(new Change(ChangeKind.Delete, relation, events.Count(), before, null));
            events.Add(new Change(ChangeKind.Insert, relation, events.Count(), null, after));
        }
    }

    async ValueTask DeleteAsync(KeyDeleteMessage message)
    {
        var relation = relations.Get(message.Relation);
        var ordinal = events.Count();
        if (relation.IsCaptured)
        {
            var before = await _tuples.ReadKeyAsync(message.Key, relation).ConfigureAwait(false);
            events.Add(new Change(ChangeKind.Delete, relation, ordinal, before, null));
        }
    }

    async ValueTask DeleteAsync(FullDeleteMessage message)
    {
        var relation = relations.Get(message.Relation);
        var ordinal = events.Count();
        if (relation.IsCaptured)
        {
            var before = await _tuples.ReadRowAsync(message.OldRow, relation).ConfigureAwait(false);
            events.Add(new Change(ChangeKind.Delete, relation, ordinal, before, null));
        }
    }

    void Truncate(TruncateMessage message)
    {
        foreach (var relation in message.Relations)
        {
            events.Add(new Change(ChangeKind.Truncate, relations.Get(relation), events.Count(), null, null));
        }
    }
}
