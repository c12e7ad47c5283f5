using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Penstock.Sources.PostgresWal;

/// <summary>Makes events and watermarks of a transaction's changes: numbers them, drops what was received before, marks the last.</summary>
/// <param name="resume">What the host has already.</param>
/// <param name="server">Whose changes they are.</param>
/// <param name="schemas">The shapes that the host was told of.</param>
/// <param name="onSchemaChange">What to do when a table has another.</param>
sealed class EventAssembler(
    ResumePoint resume, ServerIdentity server, SchemaBook? schemas = null, SchemaChangePolicy onSchemaChange = SchemaChangePolicy.Continue)
{
    // Often enough that a crash repeats little of a long transaction, seldom enough to cost nothing.
    const int ChangesPerWatermark = 10_000;

    readonly Queue<SourceMessage> _ready = new();
    Change? _held;
    bool _isOpen;
    SchemaBook _schemas = schemas ?? new SchemaBook();
    uint _xid;
    string? _transaction;
    DateTimeOffset _committedAt;
    DateTimeOffset _lastCommittedAt = resume.State.At;
    ulong _commitLsn;
    uint _ordinal;
    uint _messages;
    UInt128 _given;
    int _sinceWatermark;
    ulong? _start;

    /// <summary>The end of what has been assembled whole.</summary>
    public ulong EndLsn { get; private set; } = resume.EndLsn;

    public bool HasMessages => _ready.Count > 0;

    /// <summary>Whether a transaction has begun and not ended.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Told of every committed change of our tables; null when nobody wants to know.</summary>
    public StreamChanges? Changes { get; set; }

    /// <summary>Why nothing more is given out; null while nothing keeps it.</summary>
    public SchemaHalt? Halt { get; private set; }

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
        _messages = 0;
        _sinceWatermark = 0;
    }

    /// <summary>Numbers the next change of the transaction, whether or not an event comes of it.</summary>
    public uint Count()
    {
        if (_ordinal == uint.MaxValue)
        {
            throw new PluginException(
                FailureKind.Permanent,
                $"Transaction {_xid} at {Lsn.Format(_commitLsn)} has more than {uint.MaxValue} changes, which a position cannot number; split it.");
        }

        _messages = 0;
        return ++_ordinal;
    }

    /// <summary>Whether the host lacks the change, so that its row is worth reading.</summary>
    public bool IsWanted(Relation relation, uint ordinal) =>
        relation.IsCaptured && Lsn.Position(_commitLsn, ordinal).Order > resume.Order;

    public void Add(in Change change)
    {
        if (Halt is null && IsWanted(change.Relation, change.Ordinal))
        {
            // What the host has already was visible before a snapshot began: Settling waits for that.
            Changes?.Note(change, _xid);
            // Nothing of the transaction follows a halt: whoever waits for the rest of it would wait for ever.
            Release(isLast: Halts(change));
            if (!_schemas.IsCurrent(change.Relation))
            {
                Compare(change);
            }

            _held = Halt is null ? change : null;
        }
    }

    /// <summary>Adds a logical message that belongs to the transaction, and counts it, also when nobody wants it.</summary>
    /// <param name="prefix">Its prefix; null when it is not wanted.</param>
    /// <param name="content">What it says.</param>
    public void AddMessage(Relation? prefix, ReadOnlySpan<byte> content)
    {
        _messages++;
        if (Halt is null && prefix is not null && Lsn.Position(_commitLsn, _ordinal, _messages).Order > resume.Order)
        {
            Release(isLast: false);
            _held = new Change(ChangeKind.Message, prefix, _ordinal, null, MessagePrefixes.RowOf(content)) { Number = _messages };
        }
    }

    /// <summary>Adds a logical message that was sent at once, whatever became of the transaction that sent it.</summary>
    /// <param name="lsn">Where it ends: whatever commits behind it has a higher position.</param>
    /// <param name="prefix">Its prefix; null when it is not wanted.</param>
    /// <param name="content">What it says.</param>
    public void AddSingleMessage(ulong lsn, Relation? prefix, ReadOnlySpan<byte> content)
    {
        Start();
        if (Halt is not null)
        {
            return;
        }

        var position = Lsn.Position(lsn, 0);
        if (prefix is not null && position.Order > resume.Order)
        {
            _ready.Enqueue(new ChangeEvent { Kind = ChangeKind.Message, Subject = prefix.Subject, Position = position, After = MessagePrefixes.RowOf(content) });
        }

        AddWatermark(position.Order, lsn);
    }

    public void Commit(ulong endLsn)
    {
        if (Halt is null)
        {
            Release(isLast: true);
            _isOpen = false;
            _lastCommittedAt = _committedAt;
            AddWatermark(Lsn.Position(_commitLsn, _ordinal, _messages).Order, endLsn);
        }
    }

    /// <summary>Nothing came after this position for a while: the server may forget what is before it.</summary>
    public void Idle(ulong lsn)
    {
        Start();
        if (!_isOpen && lsn > EndLsn)
        {
            AddWatermark(Lsn.Position(lsn, 0).Order, lsn);
        }
    }

    /// <summary>The stream has proved to be ours.</summary>
    public void Start()
    {
        if (_start is { } lsn)
        {
            _start = null;
            AddWatermark(Lsn.Position(lsn, 0).Order, lsn);
        }
    }

    void AddWatermark(UInt128 order, ulong endLsn)
    {
        // The server repeats transactions that the host has already passed only when the host knows no end LSN.
        if (order >= resume.Order)
        {
            EndLsn = endLsn;
            _ready.Enqueue(WatermarkAt(order, endLsn));
        }
    }

    Watermark WatermarkAt(UInt128 order, ulong endLsn) =>
        new(new SourcePosition("", order)) { State = new CheckpointState(endLsn, server, _lastCommittedAt).ToBytes() };

    bool Halts(in Change change) =>
        onSchemaChange == SchemaChangePolicy.Halt && !_schemas.IsCurrent(change.Relation)
        && _schemas.HasChanged(change.Relation, Lsn.Position(_commitLsn, change.Ordinal).Order, out _) == true;

    // Before the first row of a shape that the host was not told of.
    void Compare(in Change change)
    {
        var order = Lsn.Position(_commitLsn, change.Ordinal).Order;
        if (_schemas.HasChanged(change.Relation, order, out var before) is not { } changed)
        {
            Note(change.Relation, order);
            return;
        }

        if (!changed)
        {
            return;
        }

        // So that nothing of the old shape comes behind the news, were the host to start again between the two.
        var mark = WatermarkAt(UInt128.Max(UInt128.Max(_given, resume.Order), Lsn.Position(_commitLsn, 0).Order), EndLsn);
        _ready.Enqueue(mark);
        var detail = SchemaDifference.Describe(before, change.Relation);
        if (onSchemaChange == SchemaChangePolicy.Halt)
        {
            Halt = new SchemaHalt(mark, SchemaHalt.Because(change.Relation.Subject, detail));
            return;
        }

        _ready.Enqueue(new SchemaChange
        {
            Subject = change.Relation.Subject,
            Before = before?.Schema,
            After = change.Relation.Schema,
            Position = new SourcePosition("", order),
            OccurredAt = _committedAt,
            Detail = detail,
        });
        Note(change.Relation, order);
    }

    void Note(Relation relation, UInt128 order)
    {
        _schemas = _schemas.With(relation, order);
        _ready.Enqueue(_schemas.ToWatermark());
    }

    void Release(bool isLast)
    {
        if (_held is not { } change)
        {
            return;
        }

        _held = null;
        var position = Lsn.Position(_commitLsn, change.Ordinal, change.Number);
        _given = position.Order;
        _transaction ??= _xid.ToString(CultureInfo.InvariantCulture);
        _ready.Enqueue(new ChangeEvent
        {
            Kind = change.Kind,
            Subject = change.Relation.Subject,
            Position = position,
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
            AddWatermark(position.Order, EndLsn);
        }
    }
}
