using Penstock.Redis;
using Penstock.TestServers;

namespace Penstock.RedisPubSub.Tests;

/// <summary>Publishes numbers as fast as the server takes them, and writes down when.</summary>
sealed class Publisher : IAsyncDisposable
{
    const int BatchSize = 8;

    readonly RedisConnection _connection;
    readonly string _channel;
    readonly int _first;
    readonly string _padding;
    readonly CancellationTokenSource _stop = new();
    readonly List<Published> _published = [];
    readonly Task _running;
    long _bytes;

    Publisher(RedisConnection connection, string channel, int first, int padding)
    {
        _connection = connection;
        _channel = channel;
        _first = first;
        _padding = new string('.', padding);
        _running = Task.Run(RunAsync);
    }

    public static async Task<Publisher> StartAsync(RedisServer server, string channel, int first = 0, int padding = 0) =>
        new(await Redis.ConnectAsync(server), channel, first, padding);

    /// <summary>The numbers of the events, in order of arrival.</summary>
    public static IReadOnlyList<int> Numbers(IEnumerable<ChangeEvent> events) =>
        [.. events.Select(change => int.Parse(change.After!.Value.GetString("message")!.TrimEnd('.')))];

    /// <summary>The number of the last event; -1 before the first.</summary>
    public static int LastOf(Listener listener) => listener.LastEvent is { } last ? Numbers([last])[0] : -1;

    /// <summary>How many bytes were published so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public async Task<IReadOnlyList<Published>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _published;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        var commands = new CommandBuffer();
        var replies = new RespValue[BatchSize];
        for (var next = _first; !_stop.IsCancellationRequested; next += BatchSize)
        {
            commands.Clear();
            for (var i = 0; i < BatchSize; i++)
            {
                commands.AddCommand("PUBLISH", _channel, $"{next + i}{_padding}");
            }

            var from = TimeProvider.System.GetUtcNow();
            await _connection.ExecuteAsync(commands, replies, CancellationToken.None);
            var to = TimeProvider.System.GetUtcNow();
            Volatile.Write(ref _bytes, _bytes + commands.Length);
            for (var i = 0; i < BatchSize; i++)
            {
                _published.Add(new Published(next + i, from, to));
            }
        }
    }
}
