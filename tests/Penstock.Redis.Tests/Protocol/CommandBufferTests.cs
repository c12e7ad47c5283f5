using System.Buffers;
using System.Text;

namespace Penstock.Redis.Tests;

public sealed class CommandBufferTests
{
    [Fact]
    public void Commands_are_arrays_of_binary_strings()
    {
        var buffer = new CommandBuffer();
        buffer.Begin(3);
        buffer.Add("SET"u8);
        buffer.Add("a\r\nb"u8);
        buffer.Add(-42);
        buffer.AddCommand("GET", "é");
        Assert.Equal("*3\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$3\r\n-42\r\n*2\r\n$3\r\nGET\r\n$2\r\né\r\n", Encoding.UTF8.GetString(buffer.Written.Span));
        Assert.Equal(2, buffer.Count);
    }

    [Fact]
    public void An_argument_written_in_place_has_the_right_length_whatever_its_digits()
    {
        var buffer = new CommandBuffer();
        int[] lengths = [0, 9, 10, 99, 100, 12_345, 1, 100_000, 5];
        var expected = new StringBuilder();

        // Lengths differ at a place from turn to turn: the buffer expects at each what was there in the command before.
        for (var turn = 0; turn < lengths.Length; turn++)
        {
            expected.Append('*').Append(lengths.Length).Append("\r\n");
            buffer.Begin(lengths.Length);
            for (var i = 0; i < lengths.Length; i++)
            {
                var length = lengths[i * (turn + 1) % lengths.Length];
                buffer.BeginArgument();
                buffer.Write(Encoding.ASCII.GetBytes(new string('x', length)));
                Assert.Equal(length, buffer.EndArgument());
                expected.Append('$').Append(length).Append("\r\n").Append('x', length).Append("\r\n");
            }
        }

        Assert.Equal(expected.ToString(), Encoding.ASCII.GetString(buffer.Written.Span));
    }

    [Fact]
    public void A_command_with_missing_or_surplus_arguments_is_refused()
    {
        var buffer = new CommandBuffer();
        buffer.Begin(2);
        buffer.Add("GET"u8);
        Assert.Throws<InvalidOperationException>(() => buffer.Written);
        buffer.Add("key"u8);
        Assert.Throws<InvalidOperationException>(() => buffer.Add("surplus"u8));
    }
}
