using System.Text;

namespace Penstock.Redis.Tests;

public sealed class RespParserTests
{
    [Fact]
    public void Every_reply_split_at_every_byte_gives_the_same_value()
    {
        var (seed, generator) = NewGenerator();
        for (var i = 0; i < 400; i++)
        {
            var (wire, meaning) = generator.Next();
            for (var cut = 0; cut <= wire.Length; cut++)
            {
                Assert.True(meaning == ParseInPieces(wire, [cut]), $"seed {seed}, value {i}, cut at {cut}");
            }
        }
    }

    [Fact]
    public void Every_reply_in_many_small_pieces_gives_the_same_value()
    {
        var (seed, generator) = NewGenerator();
        var random = new Random(seed);
        for (var i = 0; i < 2000; i++)
        {
            var (wire, meaning) = generator.Next();
            var cuts = Enumerable.Range(1, wire.Length).Where(_ => random.Next(3) == 0).ToArray();
            Assert.True(meaning == ParseInPieces(wire, cuts), $"seed {seed}, value {i}");
            Assert.True(meaning == ParseInPieces(wire, [.. Enumerable.Range(1, wire.Length)]), $"seed {seed}, value {i}, byte by byte");
        }
    }

    [Fact]
    public void Random_garbage_never_does_worse_than_a_protocol_error()
    {
        var (seed, generator) = NewGenerator();
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            var (wire, _) = generator.Next();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                wire[random.Next(wire.Length)] = (byte)random.Next(256);
            }

            try
            {
                ParseAll(wire);
            }
            catch (RedisProtocolException)
            {
                refused++;
            }
        }

        Assert.True(refused > 500, $"seed {seed}: only {refused} of 5000 damaged replies were refused");
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData(":12x\r\n")]
    [InlineData(":\r\n")]
    [InlineData(":99999999999999999999\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$3\r\nabcd\r\n")]
    [InlineData("$3\r\nabc\n\n")]
    [InlineData("+no carriage return\n")]
    [InlineData("#x\r\n")]
    [InlineData("_x\r\n")]
    [InlineData(",one\r\n")]
    [InlineData("=2\r\nab\r\n")]
    [InlineData("$600000000\r\n")]
    [InlineData("*2000000\r\n")]
    [InlineData("%9223372036854775807\r\n")]
    public void What_is_not_resp3_or_too_large_is_a_protocol_error(string wire)
    {
        Assert.Throws<RedisProtocolException>(() => ParseAll(Encoding.ASCII.GetBytes(wire)));
    }

    [Fact]
    public void A_line_without_end_is_refused_at_the_limit()
    {
        var parser = new RespParser(new RespLimits { MaxLineLength = 1000 });
        var block = new byte[600];
        block.AsSpan().Fill((byte)'+');
        parser.Feed(block, 0, block.Length);
        Assert.False(parser.TryRead(out _));
        parser.Feed(block, 0, block.Length);
        Assert.Throws<RedisProtocolException>(() => parser.TryRead(out _));
    }

    [Fact]
    public void Nesting_is_accepted_up_to_the_limit_and_refused_beyond_it()
    {
        var limits = new RespLimits();
        var deepest = string.Concat(Enumerable.Repeat("*1\r\n", limits.MaxDepth)) + ":7\r\n";
        var value = Assert.Single(ParseAll(Encoding.ASCII.GetBytes(deepest)));
        for (var depth = 0; depth < limits.MaxDepth; depth++)
        {
            value = value[0];
        }

        Assert.Equal(7, value.AsInt64());
        Assert.Throws<RedisProtocolException>(() => ParseAll(Encoding.ASCII.GetBytes($"*1\r\n{deepest}")));
    }

    [Fact]
    public void Announced_lengths_allocate_nothing_until_bytes_arrive()
    {
        var wire = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*1048576\r\n", 30)) + "$536870912\r\n123");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(ParseAll(wire));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 512 * 1024);
    }

    [Fact]
    public void A_value_inside_one_block_is_a_slice_of_it()
    {
        var wire = "$3\r\nabc\r\n"u8.ToArray();
        var value = Assert.Single(ParseAll(wire));
        wire[4] = (byte)'X';
        Assert.Equal("Xbc", value.AsText());
    }

    static (int Seed, RespGenerator Generator) NewGenerator()
    {
        var seed = Random.Shared.Next();
        return (seed, new RespGenerator(new Random(seed)));
    }

    static List<RespValue> ParseAll(byte[] wire)
    {
        var parser = new RespParser(new RespLimits());
        parser.Feed(wire, 0, wire.Length);
        var values = new List<RespValue>();
        while (parser.TryRead(out var value))
        {
            values.Add(value);
        }

        return values;
    }

    // A second value behind the first shows that the first took no byte too many.
    static string ParseInPieces(byte[] first, int[] cuts)
    {
        byte[] wire = [.. first, .. "+end\r\n"u8];
        var parser = new RespParser(new RespLimits());
        var values = new List<RespValue>();
        var start = 0;
        foreach (var cut in cuts.Append(wire.Length))
        {
            var piece = wire[start..cut];
            parser.Feed(piece, 0, piece.Length);
            while (parser.TryRead(out var value))
            {
                values.Add(value);
            }

            start = cut;
        }

        Assert.Equal(2, values.Count);
        Assert.Equal("end", values[1].AsText());
        return RespGenerator.Describe(values[0]);
    }
}
