using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams.Atomic;

/// <summary>The newest position of one partition of one source that the server is known to hold for this lane.</summary>
sealed class LanePosition(string source, string partition)
{
    const int Digits = 32;

    /// <summary>The source and the partition, as the field of the hash. A source's name has no slash.</summary>
    public byte[] Field { get; } = Encoding.UTF8.GetBytes($"{source}/{partition}");

    public string Source => source;

    public string Partition => partition;

    /// <summary>Null before the first one.</summary>
    public UInt128? Known { get; set; }

    public StoredPosition? Stored => Known is { } order ? new StoredPosition(source, new SourcePosition(partition, order)) : null;

    /// <summary>Reads a field of the hash; null when it is none of ours. It is empty when the first batch was refused at its first entry.</summary>
    public static LanePosition? Parse(string field, string value)
    {
        var slash = field.IndexOf('/', StringComparison.Ordinal);
        var order = UInt128.Zero;
        var isOurs = slash > 0
            && (value.Length == 0 || (value.Length == Digits && UInt128.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out order)));
        return isOurs ? new LanePosition(field[..slash], field[(slash + 1)..]) { Known = value.Length == 0 ? null : order } : null;
    }

    public void AddKnown(CommandBuffer commands)
    {
        if (Known is { } order)
        {
            Add(order, commands);
        }
        else
        {
            commands.Add([]);
        }
    }

    public static void Add(UInt128 order, CommandBuffer commands)
    {
        Span<byte> bytes = stackalloc byte[Digits / 2];
        Span<byte> text = stackalloc byte[Digits];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, order);
        Convert.TryToHexString(bytes, text, out _);
        commands.Add(text);
    }
}
