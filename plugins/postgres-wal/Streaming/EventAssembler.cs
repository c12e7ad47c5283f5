using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Penstock.Sources.PostgresWal;

/// <summary>Makes events and watermarks of a transaction's changes: numbers them, drops what was received before, marks the last.</summary>
/// <param name="resume">What the host has already.</param>
/// <param name="server">Whose changes they are.</param>
sealed class EventAssembler(ResumePoint resume, ServerIdentity server)
{
    readonly Queue<SourceMessage> _ready = new();
    Change? _held;
    bool _isOpen;
    uint _xid;
    string? _transaction;
    DateTimeOffset _committedAt;
    DateTimeOffset _lastCommittedAt = resume.State.At;
    ulong _commitLsn;
    uint _ordinal;
    ulong? _start;

    /// <summary>The end of what has been assembled whole.</summary>
    public ulong EndLsn { get; private set; } = resume.EndLsn;

    public bool HasMessages => _ready.Count > 0;

    /// <summary>Whether a transaction has begun and not ended.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Told of every committed change of our tables; null when nobody wants to know.</summary>
    public StreamChanges? Changes { get; set; }

    public bool TryTake([NotNullWhen(true)] out SourceMessage? message) => _ready.TryDequeue(out message);

    /// <summary>
    /// Gives the host a place to come back to before the first transaction. It goes out once the stream has proved to be ours: the
    /// checkpoint must not hold the place of a slot that somebody else reads.
    /// </summary>
    public void StartAt(ulong lsn) => _start = lsn;

    public void Begin(ulong commitLsn, uint xid, DateTimeOffset committedAt)
    {
        Start();
        _isOpen = true;
        _commitLsn = commitLsn;
        _committedAt = committedAt;
        _xid = xid;
        _transaction = null;
        _ordinal = 0;
    }

    /// <summary>Numbers the next change of the transaction, whether or not an event comes of it.</summary>
    public uint Count() => _ordinal < uint.MaxValue
        ? ++_ordinal
        : throw new PluginException(
            FailureKind.Permanent,
            $"Transaction {_xid} at {Lsn.Format(_commitLsn)} has more than {uint.MaxValue} changes, which a position cannot number; split it.");

    public void Add(in Change change)
    {
        if (!change.Relation.IsCaptured)
        {
            return;
        }

        Changes?.Note(change, _xid);
        if (Lsn.Position(_commitLsn, change.Ordinal).Order > resume.Order)
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
        Start();
        if (!_isOpen && lsn > EndLsn)
        {
            AddWatermark(lsn, 0, lsn);
        }
    }

    /// <summary>The stream has proved to be ours.</summary>
    public void Start()
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
    }
}
