using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Penstock.Sources.PostgresWal;

/// <summary>Reads the fields of one pgoutput message, and checks every length against what is there.</summary>
/// <param name="message">The message.</param>
/// <param name="lsn">Where the server says that it stands, for errors.</param>
ref struct MessageReader(ReadOnlySpan<byte> message, ulong lsn)
{
    const long LastMicrosecond = (3_155_378_975_999_999_999 - EpochTicks) / TimeSpan.TicksPerMicrosecond;
    const long FirstMicrosecond = -EpochTicks / TimeSpan.TicksPerMicrosecond;

    // 2000-01-01, from which PostgreSQL counts microseconds.
    const long EpochTicks = 630_822_816_000_000_000;

    readonly ReadOnlySpan<byte> _message = message;
    ReadOnlySpan<byte> _rest = message;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => ReadBytes(1)[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(sizeof(ushort)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(ReadBytes(sizeof(int)));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(ReadBytes(sizeof(uint)));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(ReadBytes(sizeof(ulong)));

    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        // A negative length is above every other.
        if ((uint)length > (uint)_rest.Length)
        {
            throw Malformed($"{length} bytes", $"{_rest.Length}");
        }

        var bytes = _rest[..length];
        _rest = _rest[length..];
        return bytes;
    }

    public string ReadString()
    {
        var length = _rest.IndexOf((byte)0);
        if (length < 0)
        {
            throw Malformed("a text that ends with a zero byte", $"none in the remaining {_rest.Length} bytes");
        }

        if (!Utf8.IsValid(_rest[..length]))
        {
            throw Malformed("a name in UTF-8", Convert.ToHexString(_rest[..length]));
        }

        var text = Encoding.UTF8.GetString(ReadBytes(length));
        ReadBytes(1);
        return text;
    }

    public DateTimeOffset ReadTimestamp()
    {
        var microseconds = BinaryPrimitives.ReadInt64BigEndian(ReadBytes(sizeof(long)));
        return microseconds is >= FirstMicrosecond and <= LastMicrosecond
            ? new DateTimeOffset(EpochTicks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero)
            : throw Malformed("the microseconds of a time between the years 1 and 9999", $"{microseconds}");
    }

    public void Expect(byte expected)
    {
        if (ReadByte() is var found && found != expected)
        {
            throw Malformed(Name(expected), Name(found));
        }
    }

    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
        {
            throw Malformed("its end", $"{_rest.Length} further bytes");
        }
    }

    public readonly PluginException Malformed(string expected, string found) => new(
        FailureKind.Permanent,
        $"Expected {expected} at or before byte {_message.Length - _rest.Length} of the {_message.Length} of a pgoutput message of type "
        + $"{(_message.IsEmpty ? "none" : Name(_message[0]))} at {Lsn.Format(lsn)}, found {found}. No PostgreSQL sends this that was asked for "
        + "pgoutput version 1 in text: look for a proxy between, or report the server's version.");

    /// <summary>A byte as the documentation of the protocol writes it.</summary>
    public static string Name(byte value) => value is > 0x20 and < 0x7F ? $"'{(char)value}'" : $"0x{value:X2}";
}
