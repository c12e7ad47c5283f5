using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Penstock.MicroBenchmarks.Samples;

/// <summary>A transaction of inserts as a walsender sends it: pgoutput version 1 in XLogData in CopyData.</summary>
sealed class WalBytes
{
    public const uint RelationId = 16_400;
    public const uint Xid = 4711;
    public const ulong CommitLsn = 0x1_A2B3_C4D0;
    public const ulong EndLsn = CommitLsn + 0x30;
    const long CommittedAt = 831_935_640_000_000;

    readonly ArrayBufferWriter<byte> _bytes = new();
    readonly ArrayBufferWriter<byte> _message = new();

    WalBytes()
    {
    }

    public static byte[] Transaction(int rows, OrderRows source)
    {
        var wal = new WalBytes();
        wal.Begin();
        wal.Relation();
        for (var i = 0; i < rows; i++)
        {
            wal.Insert(source.Next());
        }

        wal.Commit();
        return wal._bytes.WrittenSpan.ToArray();
    }

    void Begin()
    {
        Byte('B');
        Int64((long)CommitLsn);
        Int64(CommittedAt);
        Int32((int)Xid);
        Send();
    }

    void Relation()
    {
        Byte('R');
        Int32((int)RelationId);
        Text("public");
        Text("orders");
        Byte('d');
        Int16(OrderRows.Columns.Length);
        foreach (var (name, typeId, _) in OrderRows.Columns)
        {
            Byte(name == "id" ? '\x1' : '\0');
            Text(name);
            Int32((int)typeId);
            Int32(-1);
        }

        Send();
    }

    void Insert(byte[][] values)
    {
        Byte('I');
        Int32((int)RelationId);
        Byte('N');
        Int16(values.Length);
        foreach (var value in values)
        {
            Byte('t');
            Int32(value.Length);
            _message.Write(value);
        }

        Send();
    }

    void Commit()
    {
        Byte('C');
        Byte('\0');
        Int64((long)CommitLsn);
        Int64((long)EndLsn);
        Int64(CommittedAt);
        Send();
    }

    // What is in _message, as XLogData in CopyData.
    void Send()
    {
        const int XLogHeader = 1 + (3 * sizeof(long));
        var message = _message.WrittenSpan.ToArray();
        _message.ResetWrittenCount();
        Byte('d');
        Int32(sizeof(int) + XLogHeader + message.Length);
        Byte('w');
        Int64((long)CommitLsn);
        Int64((long)EndLsn);
        Int64(CommittedAt);
        _message.Write(message);
        _bytes.Write(_message.WrittenSpan);
        _message.ResetWrittenCount();
    }

    void Byte(char value) => _message.Write([(byte)value]);

    void Text(string value) => _message.Write(Encoding.UTF8.GetBytes(value + '\0'));

    void Int16(int value)
    {
        BinaryPrimitives.WriteInt16BigEndian(_message.GetSpan(sizeof(short)), (short)value);
        _message.Advance(sizeof(short));
    }

    void Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_message.GetSpan(sizeof(int)), value);
        _message.Advance(sizeof(int));
    }

    void Int64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_message.GetSpan(sizeof(long)), value);
        _message.Advance(sizeof(long));
    }
}
