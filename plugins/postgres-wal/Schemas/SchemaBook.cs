using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Penstock.Sources.PostgresWal;

/// <summary>
/// The shapes that the host was told of: whole as long as the process lives, and over a restart as hashes in a partition of the checkpoint.
/// </summary>
sealed class SchemaBook
{
    /// <summary>The partition that keeps them.</summary>
    public const string Partition = "schema";

    const int EntryLength = sizeof(uint) + sizeof(ulong);

    // A watermark's state stays under 4 KiB. What is beyond is forgotten at a restart.
    const int MaxKept = 340;

    readonly Dictionary<string, Relation> _relations;
    readonly Dictionary<uint, ulong> _hashes;

    // A replay may bring older rows, in older shapes.
    readonly UInt128 _order;

    public SchemaBook()
        : this([], [], 0)
    {
    }

    SchemaBook(Dictionary<string, Relation> relations, Dictionary<uint, ulong> hashes, UInt128 order) => (_relations, _hashes, _order) = (relations, hashes, order);

    /// <summary>What the checkpoint kept.</summary>
    public static SchemaBook From(IReadOnlyList<Watermark> resumeAfter)
    {
        var hashes = new Dictionary<uint, ulong>();
        UInt128 order = 0;
        foreach (var watermark in resumeAfter)
        {
            if (watermark.Position.Partition == Partition)
            {
                order = watermark.Position.Order;
                for (var rest = watermark.State.Span; rest.Length >= EntryLength; rest = rest[EntryLength..])
                {
                    hashes[BinaryPrimitives.ReadUInt32BigEndian(rest)] = BinaryPrimitives.ReadUInt64BigEndian(rest[sizeof(uint)..]);
                }
            }
        }

        return new SchemaBook([], hashes, order);
    }

    /// <summary>Whether the table is known to have just this shape. Cheap, for every row asks.</summary>
    public bool IsCurrent(Relation relation) => _relations.TryGetValue(relation.Subject, out var known) && ReferenceEquals(known, relation);

    /// <summary>Compares a table with what was told of it.</summary>
    /// <param name="relation">The table.</param>
    /// <param name="order">Where its row lies.</param>
    /// <param name="before">How it was; null when that is not known, or nothing changed.</param>
    /// <returns>Whether it has changed; null when it was never seen.</returns>
    public bool? HasChanged(Relation relation, UInt128 order, out Relation? before)
    {
        before = null;
        if (order < _order)
        {
            return false;
        }

        if (!_hashes.TryGetValue(KeyOf(relation), out var hash))
        {
            return null;
        }

        if (hash == relation.Fingerprint)
        {
            _relations[relation.Subject] = relation;
            return false;
        }

        before = _relations.GetValueOrDefault(relation.Subject);
        return true;
    }

    /// <summary>The book that also has this shape. The host has it once it has received the book's watermark.</summary>
    public SchemaBook With(Relation relation, UInt128 order) => new(
        new(_relations) { [relation.Subject] = relation }, new(_hashes) { [KeyOf(relation)] = relation.Fingerprint }, order);

    public Watermark ToWatermark()
    {
        var state = new byte[Math.Min(_hashes.Count, MaxKept) * EntryLength];
        var rest = state.AsSpan();
        foreach (var (table, hash) in _hashes)
        {
            if (rest.IsEmpty)
            {
                break;
            }

            BinaryPrimitives.WriteUInt32BigEndian(rest, table);
            BinaryPrimitives.WriteUInt64BigEndian(rest[sizeof(uint)..], hash);
            rest = rest[EntryLength..];
        }

        return new Watermark(new SourcePosition(Partition, _order)) { State = state, Tag = this };
    }

    static uint KeyOf(Relation relation) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(relation.Subject)));
}
