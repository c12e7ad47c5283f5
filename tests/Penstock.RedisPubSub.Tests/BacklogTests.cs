using System.Text;
using Penstock.Redis;

namespace Penstock.RedisPubSub.Tests;

public sealed class BacklogTests
{
    [Fact]
    [Trait("Scenario", "PS07")]
    public async Task Word_of_a_channel_that_the_server_has_given_up_is_kept_however_little_room_there_is()
    {
        var start = TimeProvider.System.GetUtcNow();
        var backlog = new Backlog(maxBytes: 1, start, _ => true, TimeProvider.System);
        backlog.Add([Push("smessage", "a", "1"), Push("smessage", "a", "2"), Push("sunsubscribe", "a", "0"), Push("smessage", "b", "3")], start);
        Assert.True(await backlog.WaitAsync());
        var taken = backlog.Take([], out _, out var overflow);

        Assert.Equal(["smessage a 1", "sunsubscribe a 0"], taken.Select(push => string.Join(' ', push.Items.ToArray().Select(item => item.AsText()))));
        Assert.Equal(2, overflow?.Count);
    }

    static RespValue Push(params string[] words)
    {
        var items = words.Select(word => RespValue.Slice(RespKind.String, Encoding.UTF8.GetBytes(word), 0, word.Length)).ToArray();
        return RespValue.Aggregate(RespKind.Push, items, items.Length);
    }
}
