using System.Buffers;
using System.Globalization;
using System.Text;

namespace Penstock.Redis.Tests;

/// <summary>Makes random RESP3 values: their bytes on the wire beside the text they must parse to.</summary>
sealed class RespGenerator(Random random)
{
    readonly ArrayBufferWriter<byte> _wire = new();

    public (byte[] Wire, string Meaning) Next()
    {
        _wire.ResetWrittenCount();
        var meaning = Value(depth: 0, isTop: true);
        return (_wire.WrittenSpan.ToArray(), meaning);
    }

    /// <summary>A value in the form that <see cref="Next"/> describes it.</summary>
    public static string Describe(RespValue value) => value.Kind switch
    {
        RespKind.Null => "null",
        RespKind.String => $"s{Convert.ToHexString(value.Span)}",
        RespKind.Error => $"e{Convert.ToHexString(value.Span)}",
        RespKind.Integer => $"i{value.AsInt64()}",
        RespKind.Boolean => $"b{value.AsInt64()}",
        RespKind.Double => $"d{value.AsDouble():R}",
        _ => $"{value.Kind}[{string.Join(",", value.Items.ToArray().Select(Describe))}]",
    };

    string Value(int depth, bool isTop)
    {
        // A top-level push is the only place a push may stand.
        var choice = random.Next(depth < 4 ? 17 : 12);
        switch (choice)
        {
            case 0:
                return Write("_\r\n", "null");
            case 1:
                return Write("$-1\r\n", "null");
            case 2:
                return Write("*-1\r\n", "null");
            case 3:
                var number = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63);
                return Write($":{number}\r\n", $"i{number}");
            case 4:
                return random.Next(2) == 0 ? Write("#t\r\n", "b1") : Write("#f\r\n", "b0");
            case 5:
                var real = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20));
                return Write(string.Create(CultureInfo.InvariantCulture, $",{real:R}\r\n"), $"d{real:R}");
            case 6:
                return random.Next(3) switch { 0 => Write(",inf\r\n", "dInfinity"), 1 => Write(",-inf\r\n", "d-Infinity"), _ => Write(",nan\r\n", "dNaN") };
            case 7:
                var text = Text();
                return Write($"+{text}\r\n", $"s{Hex(text)}");
            case 8:
                text = Text();
                return Write($"-ERR {text}\r\n", $"e{Hex($"ERR {text}")}");
            case 9:
                return Write("(3492890328409238509324850943850943825024385\r\n", $"s{Hex("3492890328409238509324850943850943825024385")}");
            case 10:
                return Bulk('$', 's', "");
            case 11:
                return random.Next(2) == 0 ? Bulk('=', 's', "txt:") : Bulk('!', 'e', "");
            case 12:
                return Aggregate('*', RespKind.Array, random.Next(6), depth);
            case 13:
                return Aggregate('~', RespKind.Set, random.Next(6), depth);
            case 14:
                return Aggregate('%', RespKind.Map, random.Next(4), depth);
            case 15 when isTop:
                return Aggregate('>', RespKind.Push, random.Next(1, 4), depth);
            default:
                // An attribute says something about the value behind it; we read past it.
                Aggregate('|', RespKind.Map, random.Next(3), depth);
                return Value(depth, isTop);
        }
    }

    string Aggregate(char type, RespKind kind, int count, int depth)
    {
        Write($"{type}{count}\r\n", "");
        var items = Enumerable.Range(0, kind == RespKind.Map ? 2 * count : count).Select(_ => Value(depth + 1, isTop: false)).ToList();
        return $"{kind}[{string.Join(",", items)}]";
    }

    string Bulk(char type, char meaning, string prefix)
    {
        // Lengths around the ends of lines and blocks, bytes of every kind.
        var bytes = new byte[random.Next(5) switch { 0 => 0, 1 => 1, 2 => random.Next(4000), _ => random.Next(40) }];
        random.NextBytes(bytes);
        Write($"{type}{bytes.Length + prefix.Length}\r\n{prefix}", "");
        _wire.Write(bytes);
        return Write("\r\n", $"{meaning}{Convert.ToHexString(bytes)}");
    }

    string Text() => new([.. Enumerable.Range(0, random.Next(30)).Select(_ => (char)random.Next(' ', '~'))]);

    static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));

    string Write(string wire, string meaning)
    {
        _wire.Write(Encoding.ASCII.GetBytes(wire));
        return meaning;
    }
}
