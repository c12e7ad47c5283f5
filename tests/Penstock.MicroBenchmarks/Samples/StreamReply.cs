using System.Text;

namespace Penstock.MicroBenchmarks.Samples;

/// <summary>What a server answers to XREADGROUP COUNT 1000 in RESP3: one stream, entries with one field of 150 seeded bytes.</summary>
static class StreamReply
{
    public const string Stream = "orders";
    public const int Entries = 1000;
    const int ValueLength = 150;

    public static byte[] Make()
    {
        var random = new Random(OrderRows.Seed);
        var reply = new StringBuilder($"%1\r\n${Stream.Length}\r\n{Stream}\r\n*{Entries}\r\n");
        for (var i = 0; i < Entries; i++)
        {
            var id = $"17636000000{i / 10 % 100:D2}-{i % 10}";
            var value = new string((char)('a' + random.Next(26)), ValueLength);
            reply.Append($"*2\r\n${id.Length}\r\n{id}\r\n*2\r\n$4\r\ndata\r\n${ValueLength}\r\n{value}\r\n");
        }

        return Encoding.ASCII.GetBytes(reply.ToString());
    }
}
