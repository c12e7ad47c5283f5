using System.Text.RegularExpressions;

namespace Penstock.Sdk.Tests;

public sealed class ConfigurationTypesTests
{
    [Theory]
    [InlineData("0B", 0, "0B")]
    [InlineData("1023B", 1023, "1023B")]
    [InlineData("64KiB", 65536, "64KiB")]
    [InlineData("1024KiB", 1048576, "1MiB")]
    [InlineData("3GiB", 3221225472, "3GiB")]
    public void Sizes_read_and_print(string text, long bytes, string shortest)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
        Assert.Equal(shortest, size.ToString());
        Assert.Matches(ByteSize.Pattern, text);
        Assert.True(size == new ByteSize(bytes));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("KiB")]
    [InlineData("64")]
    [InlineData("64KB")]
    [InlineData("64 KiB")]
    [InlineData("-1B")]
    [InlineData("1.5MiB")]
    [InlineData("64kib")]
    [InlineData("9223372036854775807GiB")]
    public void Other_texts_are_no_sizes(string? text)
    {
        Assert.False(ByteSize.TryParse(text, out var size));
        Assert.Equal(default, size);
        Assert.True(text is null || text.StartsWith("92", StringComparison.Ordinal) || !Regex.IsMatch(text, ByteSize.Pattern));
    }

    [Theory]
    [InlineData("0s", 0, "0ms")]
    [InlineData("250ms", 250, "250ms")]
    [InlineData("1000ms", 1_000, "1s")]
    [InlineData("90s", 90_000, "90s")]
    [InlineData("10m", 600_000, "10m")]
    [InlineData("24h", 86_400_000, "24h")]
    public void Durations_read_and_print(string text, long milliseconds, string shortest)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
        Assert.Equal(shortest, Duration.Format(duration));
        Assert.Matches(Duration.Pattern, text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("1.5s")]
    [InlineData("5d")]
    [InlineData("9223372036854775807h")]
    public void Other_texts_are_no_durations(string? text)
    {
        Assert.False(Duration.TryParse(text, out var duration));
        Assert.Equal(default, duration);
    }

    [Fact]
    public void A_secret_shows_only_to_who_asks()
    {
        var secret = new Secret("hunter2");
        Assert.Equal("hunter2", secret.Reveal());
        Assert.DoesNotContain("hunter2", $"{secret} {secret.ToString()} {new { secret }} {System.Text.Json.JsonSerializer.Serialize(secret)}");
        Assert.False(secret.IsEmpty);
        Assert.True(default(Secret).IsEmpty);
        Assert.Equal("", default(Secret).Reveal());
    }

    [Fact]
    public void A_failure_says_what_to_do()
    {
        var cause = new IOException();
        var failure = new PluginException(FailureKind.Permanent, "why", cause);
        Assert.Equal((FailureKind.Permanent, "why"), (failure.Kind, failure.Message));
        Assert.Same(cause, failure.InnerException);

        var poison = PluginException.Poison(3, "bad");
        Assert.Equal((FailureKind.Poison, 3, "bad"), (poison.Kind, poison.EventIndex, poison.Message));
    }
}
