using Penstock.Host.Commands;

namespace Penstock.Host.Tests.Commands;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("plain ü € \U0001F600", "plain ü € \U0001F600")]
    [InlineData("a\nb\r\u001b[2J\u0000", @"a\u{a}b\u{d}\u{1b}[2J\u{0}")]
    [InlineData("\u202Egnp.exe\u2028", @"\u{202e}gnp.exe\u{2028}")]
    public void What_moves_the_cursor_or_turns_the_text_is_spelled_out(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    [Fact]
    public void Bytes_are_text_where_they_are_text()
    {
        Assert.Equal("\"ü\\u{a}\"", Printable.Of("ü\n"u8));
        Assert.Equal("0xff00", Printable.Of([0xFF, 0]));
        Assert.Equal("(none)", Printable.Of((ReadOnlySpan<byte>)[]));
    }
}
