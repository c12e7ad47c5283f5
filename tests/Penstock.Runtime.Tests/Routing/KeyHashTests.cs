using System.Text;
using Penstock.Runtime.Routing;

namespace Penstock.Runtime.Tests.Routing;

public sealed class KeyHashTests
{
    // Written down once: a change here moves keys to other lanes in the middle of a stream.
    [Theory]
    [InlineData("", "", GoldenNothing)]
    [InlineData("public.orders", "", GoldenSubject)]
    [InlineData("public.orders", "42", GoldenShort)]
    [InlineData("public.orders", "a key of more than eight bytes", GoldenLong)]
    [InlineData("поток", "ключ", GoldenUnicode)]
    public void The_hash_of_a_key_never_changes(string subject, string key, uint expected) => Assert.Equal(expected, Hash(subject, key));

    [Fact]
    public void The_hash_does_not_depend_on_what_was_hashed_before()
    {
        var hash = new KeyHash();
        var first = hash.Of(Change("a", "1"));
        hash.Of(Change("b", "1"));

        Assert.Equal(first, hash.Of(Change("a", "1")));
        Assert.NotEqual(first, hash.Of(Change("b", "1")));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(16)]
    public void Neighbouring_keys_spread_evenly(int lanes)
    {
        const int Keys = 16_000;
        Assert.InRange(Worst(number => Hash("public.orders", $"{number}")), 0.9, 1.1);
        // The same check sees a hash that puts neighbours together.
        Assert.False(Worst(number => (uint)number / 64 * (uint)lanes) is > 0.9 and < 1.1);

        double Worst(Func<int, uint> hash)
        {
            var counts = new int[lanes];
            for (var number = 0; number < Keys; number++)
            {
                counts[hash(number) % (uint)lanes]++;
            }

            var fair = (double)Keys / lanes;
            return counts.Select(count => count / fair).MaxBy(share => Math.Abs(share - 1));
        }
    }

    const uint GoldenNothing = 0;
    const uint GoldenSubject = 1;
    const uint GoldenShort = 2;
    const uint GoldenLong = 3;
    const uint GoldenUnicode = 4;

    static uint Hash(string subject, string key) => new KeyHash().Of(Change(subject, key));

    static ChangeEvent Change(string subject, string key) =>
        new() { Kind = ChangeKind.Insert, Subject = subject, Key = Encoding.UTF8.GetBytes(key), Position = new SourcePosition("", 1) };
}
