using System.Buffers.Binary;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// How the tables belonged to the publication when they were read last: kept in a partition of the checkpoint, since the server says nothing of what it
/// did not send while a table was out.
/// </summary>
sealed class PublicationMembers
{
    /// <summary>The partition that keeps them.</summary>
    public const string Partition = "publication";

    const int EntryLength = 3 * sizeof(uint);

    // A watermark's state stays under 4 KiB. What is beyond is forgotten at a restart.
    const int MaxKept = 340;

    readonly Dictionary<uint, PublicationMember> _members;
    readonly UInt128 _order;

    PublicationMembers(Dictionary<uint, PublicationMember> members, UInt128 order) => (_members, _order) = (members, order);

    /// <summary>What the checkpoint kept.</summary>
    public static PublicationMembers From(IReadOnlyList<Watermark> resumeAfter)
    {
        var members = new Dictionary<uint, PublicationMember>();
        UInt128 order = 0;
        foreach (var watermark in resumeAfter)
        {
            if (watermark.Position.Partition == Partition)
            {
                order = watermark.Position.Order;
                for (var rest = watermark.State.Span; rest.Length >= EntryLength; rest = rest[EntryLength..])
                {
                    var table = BinaryPrimitives.ReadUInt32BigEndian(rest);
                    members[table] = new PublicationMember(
                        table, "", IsMember: true, BinaryPrimitives.ReadUInt32BigEndian(rest[sizeof(uint)..]), BinaryPrimitives.ReadUInt32BigEndian(rest[(2 * sizeof(uint))..]));
                }
            }
        }

        return new PublicationMembers(members, order);
    }

    /// <summary>The names of those that were out in between.</summary>
    public IReadOnlyList<string> PutBack(IReadOnlyList<PublicationMember> now) =>
        [.. now.Where(member => _members.TryGetValue(member.Table, out var before) && member.WasPutBackSince(before)).Select(member => member.Name)];

    /// <summary>The same, as it is now; null when nothing has changed.</summary>
    public PublicationMembers? With(IReadOnlyList<PublicationMember> now)
    {
        var kept = now.Take(MaxKept).ToDictionary(member => member.Table);
        return kept.Count == _members.Count && kept.All(pair => _members.TryGetValue(pair.Key, out var before) && (before.Row, before.Publication) == (pair.Value.Row, pair.Value.Publication))
            ? null
            : new PublicationMembers(kept, _order);
    }

    /// <summary>What the checkpoint is to keep once it has come that far.</summary>
    public Watermark ToWatermark(UInt128 order)
    {
        var state = new byte[_members.Count * EntryLength];
        var rest = state.AsSpan();
        foreach (var (table, member) in _members)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, table);
            BinaryPrimitives.WriteUInt32BigEndian(rest[sizeof(uint)..], member.Row);
            BinaryPrimitives.WriteUInt32BigEndian(rest[(2 * sizeof(uint))..], member.Publication);
            rest = rest[EntryLength..];
        }

        return new Watermark(new SourcePosition(Partition, UInt128.Max(order, _order + 1))) { State = state };
    }
}
