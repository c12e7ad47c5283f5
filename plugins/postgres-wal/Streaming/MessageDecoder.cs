namespace Penstock.Sources.PostgresWal;

/// <summary>Turns messages of pgoutput, protocol version 1, into changes. Copies what it keeps.</summary>
sealed class MessageDecoder(RelationCache relations, EventAssembler events, MessagePrefixes? prefixes = null)
{
    readonly TupleReader _tuples = new();

    /// <summary>Waits for the catalog after some descriptions of tables; is done with everything else when it returns.</summary>
    /// <param name="bytes">A whole message; may change once the result is complete.</param>
    /// <param name="lsn">Where the server says that it stands.</param>
    /// <exception cref="PluginException">The message is not what the protocol says.</exception>
    public ValueTask DecodeAsync(ReadOnlySpan<byte> bytes, ulong lsn)
    {
        var message = new MessageReader(bytes, lsn);
        switch (message.ReadByte())
        {
            case (byte)'I':
                Insert(ref message);
                break;
            case (byte)'U':
                Update(ref message);
                break;
            case (byte)'D':
                Delete(ref message);
                break;
            case (byte)'B':
                Begin(ref message);
                break;
            case (byte)'C':
                Commit(ref message);
                break;
            case (byte)'R':
                return relations.UpdateAsync(RelationDescription.Read(ref message));
            case (byte)'T':
                Truncate(ref message);
                break;
            case (byte)'M' when prefixes is not null:
                AddMessage(ref message);
                break;
            case (byte)'O' or (byte)'Y':
                // Origins and type names, which say nothing about rows.
                break;
            case var type:
                throw message.Malformed("a message of type B, C, D, I, M, O, R, T, U or Y", MessageReader.Name(type));
        }

        return default;
    }

    void Begin(ref MessageReader message)
    {
        var commitLsn = message.ReadUInt64();
        var committedAt = message.ReadTimestamp();
        var xid = message.ReadUInt32();
        message.ExpectEnd();
        events.Begin(commitLsn, xid, committedAt);
    }

    void Commit(ref MessageReader message)
    {
        // Flags, of which none is defined, and the commit's LSN, which Begin had.
        message.ReadByte();
        message.ReadUInt64();
        var endLsn = message.ReadUInt64();
        message.ReadTimestamp();
        message.ExpectEnd();
        events.Commit(endLsn);
    }

    void Insert(ref MessageReader message)
    {
        var relation = ReadRelation(ref message);
        message.Expect((byte)'N');
        AddAfter(ChangeKind.Insert, ref message, relation);
    }

    void Update(ref MessageReader message)
    {
        var relation = ReadRelation(ref message);
        switch (message.ReadByte())
        {
            case (byte)'N':
                AddAfter(ChangeKind.Update, ref message, relation);
                break;
            case (byte)'K':
                Update(ref message, relation, _tuples.ReadKey(ref message, relation));
                break;
            case (byte)'O':
                Update(ref message, relation, _tuples.ReadRow(ref message, relation));
                break;
            case var kind:
                throw message.Malformed("a row of kind 'K', 'O' or 'N'", MessageReader.Name(kind));
        }
    }

    // Rows of tables that are not configured come here too: a change of key counts as two whatever the config says.
    void Update(ref MessageReader message, Relation relation, Row before)
    {
        message.Expect((byte)'N');
        var after = _tuples.ReadRow(ref message, relation, before);
        message.ExpectEnd();
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

    void AddAfter(ChangeKind kind, ref MessageReader message, Relation relation)
    {
        var ordinal = events.Count();
        if (events.IsWanted(relation, ordinal))
        {
            var after = _tuples.ReadRow(ref message, relation);
            message.ExpectEnd();
            events.Add(new Change(kind, relation, ordinal, null, after));
        }
    }

    void Delete(ref MessageReader message)
    {
        var relation = ReadRelation(ref message);
        var kind = message.ReadByte();
        if (kind is not ((byte)'K' or (byte)'O'))
        {
            throw message.Malformed("a row of kind 'K' or 'O'", MessageReader.Name(kind));
        }

        var ordinal = events.Count();
        if (events.IsWanted(relation, ordinal))
        {
            var before = kind == 'K' ? _tuples.ReadKey(ref message, relation) : _tuples.ReadRow(ref message, relation);
            message.ExpectEnd();
            events.Add(new Change(ChangeKind.Delete, relation, ordinal, before, null));
        }
    }

    void Truncate(ref MessageReader message)
    {
        var count = message.ReadUInt32();

        // CASCADE and RESTART IDENTITY.
        message.ReadByte();
        if (message.Remaining != (long)count * sizeof(uint))
        {
            throw message.Malformed($"the OIDs of {count} tables", $"{message.Remaining} bytes");
        }

        while (message.Remaining > 0)
        {
            events.Add(new Change(ChangeKind.Truncate, ReadRelation(ref message), events.Count(), null, null));
        }
    }

    void AddMessage(ref MessageReader message)
    {
        const byte isTransactional = 1;
        var flags = message.ReadByte();
        var lsn = message.ReadUInt64();
        var prefix = prefixes!.Find(message.ReadString());
        var content = message.ReadBytes(message.ReadInt32());
        message.ExpectEnd();
        if ((flags & isTransactional) != 0)
        {
            events.AddMessage(prefix, content);
        }
        else
        {
            events.AddSingleMessage(lsn, prefix, content);
        }
    }

    Relation ReadRelation(ref MessageReader message)
    {
        var id = message.ReadUInt32();
        return relations.Find(id) ?? throw message.Malformed("the OID of a table that was described before", $"{id}");
    }
}
