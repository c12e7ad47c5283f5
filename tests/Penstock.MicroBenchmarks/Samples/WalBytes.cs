using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Penstock.MicroBenchmarks.Samples;

/// <summary>A transaction of inserts as a walsender sends it.</summary>
sealed class WalBytes
{
    public const uint RelationId = 16_400;
    public const uint Xid = 4711;
    public const ulong CommitLsn = 0x1_A2B3_C4D0;
    public const ulong EndLsn = CommitLsn + 0x30;
    const long CommittedAt = 831_935_640_000_000;

    readonly List<byte[]> _messages = [];
    readonly ArrayBufferWriter<byte> _message = new();

    WalBytes()
    {
    }

    /// <summary>The messages of pgoutput, version 1.</summary>
    public static IReadOnlyList<byte[]> Messages(int rows, OrderRows source)
    {
        var wal = new WalBytes();
        wal.Begin();
        wal.Relation();
        for (var i = 0; i < rows; i++)
        {
            wal.Insert(source.Next());
        }

        wal.Commit();
        return wal._messages;
    }

    /// <summary>The same as it goes over the connection: each message in XLogData in CopyData.</summary>
    public static byte[] Transaction(int rows, OrderRows source)
    {
        const int xLogHeader = 1 + (3 * sizeof(long));
        var wal = new WalBytes();
        foreach (var message in Messages(rows, source))
        {
            wal.Byte('d');
            wal.Int32(sizeof(int) + xLogHeader + message.Length);
            wal.Byte('w');
            wal.Int64((long)CommitLsn);
            wal.Int64((long)EndLsn);
            wal.Int64(CommittedAt);
            wal._message.Write(message);
        }

        return wal._message.WrittenSpan.ToArray();
    }

    void Begin()
    {
        Byte('B');
        Int64((long)CommitLsn);
        Int64(CommittedAt);
        Int32((int)Xid);
        End();
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

        End();
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

        End();
    }

    void Commit()
    {
        Byte('C');
        Byte('\0');
        Int64((long)CommitLsn);
        Int64((long)EndLsn);
        Int64(CommittedAt);
        End();
    }

    void End()
    {
        _messages.Add(_message.WrittenSpan.ToArray());
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
