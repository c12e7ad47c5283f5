using System.Text;
using Penstock.TestServers;

namespace Penstock.Redis.Tests.Cluster;

public sealed class HashSlotTests
{
    [Theory]
    [InlineData("123456789", 0x31C3)]
    [InlineData("", 0)]
    [InlineData("user1000", 3443)]
    [InlineData("{user1000}.following", 3443)]
    [InlineData("foo{bar}{zap}", 5061)]
    public void A_key_has_its_slot(string key, int slot) => Assert.Equal(slot, HashSlot.Of(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public async Task Every_key_has_the_slot_that_a_server_says()
    {
        await using var server = await RedisServer.StartAsync(new() { IsClusterNode = true });
        using var redis = new PlainRedis(server.Port);
        var random = new Random(5);
        string[] pieces = ["{", "}", "{}", "a", "bc", "é", "user:", "\r\n", "1"];
        for (var i = 0; i < 2000; i++)
        {
            var key = string.Concat(Enumerable.Range(0, random.Next(0, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.True(redis.SendForNumber("CLUSTER", "KEYSLOT", key) == HashSlot.Of(Encoding.UTF8.GetBytes(key)), $"seed 5, key \"{key}\"");
        }
    }
}
