namespace Penstock.Redis;

/// <summary>The slot of a key, as every cluster computes it: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384.</summary>
public static class HashSlot
{
    /// <summary>How many slots there are.</summary>
    public const int Count = 16384;

    static readonly ushort[] Table = CreateTable();

    /// <summary>
    /// What lies between the first <c>{</c> and the next <c>}</c>, when that is not empty, decides alone: keys with the same tag have the same slot.
    /// </summary>
    /// <remarks>https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags</remarks>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var rest = key[(open + 1)..];
            var length = rest.IndexOf((byte)'}');
            key = length > 0 ? rest[..length] : key;
        }

        var crc = 0;
        foreach (var value in key)
        {
            crc = ((crc << 8) ^ Table[((crc >> 8) ^ value) & 0xFF]) & 0xFFFF;
        }

        return crc % Count;
    }

    static ushort[] CreateTable()
    {
        const int polynomial = 0x1021;
        var table = new ushort[256];
        for (var value = 0; value < table.Length; value++)
        {
            var crc = value << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ polynomial;
            }

            table[value] = (ushort)crc;
        }

        return table;
    }
}
