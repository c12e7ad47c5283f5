using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Penstock.Sources.PostgresWal;

/// <summary>Makes events and watermarks of a transaction's changes: numbers them, drops what was received before, marks the last.</summary>
/// <param name="resume">What the host has already.</param>
/// <param name="server">Whose changes they are.</param>
sealed class EventAssembler(ResumePoint resume, ServerIdentity server)
{
    // Often enough that a crash repeats little of a long transaction, seldom enough to cost nothing.
    const int ChangesPerWatermark = 10_000;

    readonly Queue<SourceMessage> _ready = new();
    Change? _held;
    bool _isOpen;
    uint _xid;
    string? _transaction;
    DateTimeOffset _committedAt;
    DateTimeOffset _lastCommittedAt = resume.State.At;
    ulong _commitLsn;
    uint _ordinal;
    int _sinceWatermark;
    ulong? _start;

    /// <summary>The end of what has been assembled whole.</summary>
    public ulong EndLsn { get; private set; } = resume.EndLsn;

    public bool HasMessages => _ready.Count > 0;

    public bool TryTake([NotNullWhen(true)] out SourceMessage? message) => _ready.TryDequeue(out message);

    /// <summary>
    /// Gives the host a place to come back to before the first transaction. It goes out once the stream has proved to be ours: the
    /// checkpoint must not hold the place of a slot that somebody else reads.
    /// </summary>
    public void StartAt(ulong lsn) => _start = lsn;

    public void Begin(ulong commitLsn, uint xid, DateTimeOffset committedAt)
    {
        AddStart();
        _isOpen = true;
        _commitLsn = commitLsn;
        _committedAt = committedAt;
        _xid = xid;
        _transaction = null;
        _ordinal = 0;
        _sinceWatermark = 0;
    }

    /// <summary>Numbers the next change of the transaction, whether or not an event comes of it.</summary>
    public uint Count() => _ordinal < uint.MaxValue
        ? ++_ordinal
        : throw new PluginException(
            FailureKind.Permanent,
            $"Transaction {_xid} at {Lsn.Format(_commitLsn)} has more than {uint.MaxValue} changes, which a position cannot number; split it.");

    /// <summary>Whether the host lacks the change, so that its row is worth reading.</summary>
    public bool IsWanted(Relation relation, uint ordinal) =>
        relation.IsCaptured && Lsn.Position(_commitLsn, ordinal).Order > resume.Order;

    public void Add(in Change change)
    {
        if (IsWanted(change.Relation, change.Ordinal))
        {
            Release(isLast: false);
            _held = change;
        }
    }

    public void Commit(ulong endLsn)
    {
        Release(isLast: true);
        _isOpen = false;
        _lastCommittedAt = _committedAt;
        AddWatermark(_commitLsn, _ordinal, endLsn);
    }

    /// <summary>Nothing came after this position for a while: the server may forget what is before it.</summary>
    public void Idle(ulong lsn)
    {
        AddStart();
        if (!_isOpen && lsn > EndLsn)
        {
            AddWatermark(lsn, 0, lsn);
        }
    }

    void AddStart()
    {
        if (_start is { } lsn)
        {
            _start = null;
            AddWatermark(lsn, 0, lsn);
        }
    }

    void AddWatermark(ulong commitLsn, uint ordinal, ulong endLsn)
    {
        // The server repeats transactions that the host has already passed only when the host knows no end LSN.
        var position = Lsn.Position(commitLsn, ordinal);
        if (position.Order >= resume.Order)
        {
            EndLsn = endLsn;
            _ready.Enqueue(new Watermark(position) { State = new CheckpointState(endLsn, server, _lastCommittedAt).ToBytes() });
        }
    }

    void Release(bool isLast)
    {
        if (_held is not { } change)
        {
            return;
        }

        _held = null;
        _transaction ??= _xid.ToString(CultureInfo.InvariantCulture);
        _ready.Enqueue(new ChangeEvent
        {
            Kind = change.Kind,
            Subject = change.Relation.Subject,
            Position = Lsn.Position(_commitLsn, change.Ordinal),
            Key = (change.After ?? change.Before) is { } row ? change.Relation.KeyOf(row) : default,
            Before = change.Before,
            After = change.After,
            OccurredAt = _committedAt,
            Transaction = new TransactionMark(_transaction, change.Ordinal, isLast),
        });
        if (!isLast && ++_sinceWatermark == ChangesPerWatermark)
        {
            // Progress for the host; the server is told of whole transactions only, and would send this one again from its start.
            _sinceWatermark = 0;
            AddWatermark(_commitLsn, change.Ordinal, EndLsn);
        }
    }
}
