using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

public sealed class GlobTests
{
    const string Alphabet = "aabc*?[]^-\\";

    [Fact]
    public async Task Patterns_match_what_the_server_says_they_match()
    {
        const int keys = 300;
        const int patterns = 1500;
        await using var server = await RedisServer.StartAsync();
        await using var redis = await Redis.ConnectAsync(server);
        var random = new Random(20261120);
        var texts = Enumerable.Range(0, keys).Select(_ => Text(random, 5)).ToHashSet();
        foreach (var text in texts)
        {
            await redis.DoAsync("SET", text, "1");
        }

        var matches = 0;
        foreach (var pattern in Enumerable.Range(0, patterns).Select(_ => Text(random, 8)))
        {
            var reply = await redis.DoAsync("KEYS", pattern);
            var expected = reply.Items.ToArray().Select(item => item.AsText()).ToHashSet();
            matches += expected.Count;
            foreach (var text in texts)
            {
                var isMatch = Glob.IsMatch(System.Text.Encoding.ASCII.GetBytes(pattern), System.Text.Encoding.ASCII.GetBytes(text));
                Assert.True(isMatch == expected.Contains(text), $"\"{pattern}\" and \"{text}\": the server says {!isMatch}.");
            }
        }

        Assert.True(matches > patterns, "The patterns match something.");
    }

    static string Text(Random random, int maxLength) => new([.. random.GetItems(Alphabet.AsSpan(), random.Next(1, maxLength + 1))]);
}
