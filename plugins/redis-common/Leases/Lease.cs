using System.Globalization;

namespace Penstock.Redis;

/// <summary>
/// Who may do what only one may do. The holder renews it every <see cref="RenewInterval"/>; when it cannot, it counts it as lost before the server does. Each time that it
/// changes hands its epoch rises, and what belongs to an earlier one is refused by scripts that compare <see cref="Value"/> with the key.
/// </summary>
/// <remarks>Not thread-safe, but for <see cref="Remaining"/>, <see cref="IsHeld"/> and <see cref="Value"/>.</remarks>
public sealed class Lease
{
    /// <summary>How long the server keeps it for a holder that has gone silent.</summary>
    public static readonly TimeSpan Term = TimeSpan.FromSeconds(3);

    /// <summary>How often it is to be renewed.</summary>
    public static readonly TimeSpan RenewInterval = TimeSpan.FromSeconds(1);

    // The server's clock and ours do not run alike, and what was sent just before the end arrives after it.
    static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    // A reply that was lost may have been a yes: whose value ends with our name is ours.
    const string TakeText =
        """
        local value = redis.call('GET', KEYS[1])
        if value then
          if string.sub(value, -#ARGV[1]) ~= ARGV[1] then return false end
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
          return value
        end
        value = string.format('%.0f', redis.call('INCR', KEYS[2])) .. ':' .. ARGV[1]
        redis.call('SET', KEYS[1], value, 'PX', ARGV[2])
        return value
        """;

    // A server without memory denies INCR and SET, and only who has the lease may make room. Servers before 7.0 do not know the flag, and say that they cannot compile it.
    static readonly RedisScript TakeScript = new($"#!lua flags=allow-oom\n{TakeText}");
    static readonly RedisScript OldTakeScript = new(TakeText);

    static readonly RedisScript RenewScript = new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('PEXPIRE', KEYS[1], ARGV[2])");

    static readonly RedisScript ReleaseScript = new(
        "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end return redis.call('DEL', KEYS[1])");

    readonly TimeProvider _time;
    readonly string _owner;
    string _value = "";
    long _takenAt;

    /// <param name="key">Its key; a second one with <c>:epoch</c> behind it counts its holders, and both are in the slot of the key's hash tag.</param>
    /// <param name="time">A clock that goes on while the process is stopped.</param>
    public Lease(string key, TimeProvider time)
    {
        Key = key;
        _time = time;
        _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
    }

    /// <summary>The key at the server.</summary>
    public string Key { get; }

    /// <summary>What the key holds while the lease is ours, epoch and owner; empty before it ever was.</summary>
    public string Value => Volatile.Read(ref _value);

    /// <summary>How many times it has been taken, by whomever, when we took it last; 0 before that.</summary>
    public long Epoch => Value.Split(':') is [var epoch, ..] && long.TryParse(epoch, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Whether it is ours for certain.</summary>
    public bool IsHeld => Remaining > TimeSpan.Zero;

    /// <summary>For how long it is ours for certain; zero when it is not.</summary>
    public TimeSpan Remaining => Volatile.Read(ref _takenAt) is var at && at != 0 && Term - Margin - _time.GetElapsedTime(at) is var left && left > TimeSpan.Zero
        ? left
        : TimeSpan.Zero;

    /// <summary>Takes the lease when nobody has it.</summary>
    /// <returns>Whether it is ours now.</returns>
    public async ValueTask<bool> TryTakeAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        var sentAt = _time.GetTimestamp();
        RespValue reply;
        try
        {
            reply = await RunTakeAsync(TakeScript, connection, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisException e) when (e.Message.Contains("compiling script", StringComparison.Ordinal))
        {
            reply = await RunTakeAsync(OldTakeScript, connection, cancellationToken).ConfigureAwait(false);
        }

        if (reply.IsNull)
        {
            return false;
        }

        Volatile.Write(ref _value, reply.AsText());
        Volatile.Write(ref _takenAt, sentAt);
        return true;
    }

    /// <summary>Holds it for another term.</summary>
    /// <returns>Whether it is still ours; when not, it may have been another's meanwhile.</returns>
    public async ValueTask<bool> RenewAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        var sentAt = _time.GetTimestamp();
        var reply = await RenewScript.RunAsync(
            connection,
            keys: 1,
            arguments: 2,
            command =>
            {
                command.Add(Key);
                command.Add(Value);
                command.Add((long)Term.TotalMilliseconds);
            },
            cancellationToken).ConfigureAwait(false);
        var isOurs = reply.AsInt64() == 1;
        Volatile.Write(ref _takenAt, isOurs ? sentAt : 0);
        return isOurs;
    }

    /// <summary>Gives it up, so that nobody has to wait for its end.</summary>
    public async ValueTask ReleaseAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        Forget();
        await ReleaseScript.RunAsync(
            connection,
            keys: 1,
            arguments: 1,
            command =>
            {
                command.Add(Key);
                command.Add(Value);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts it as lost; the server keeps it until its term ends.</summary>
    public void Forget() => Volatile.Write(ref _takenAt, 0);

    ValueTask<RespValue> RunTakeAsync(RedisScript script, RedisConnection connection, CancellationToken cancellationToken) => script.RunAsync(
        connection,
        keys: 2,
        arguments: 2,
        command =>
        {
            command.Add(Key);
            command.Add(Key + ":epoch");
            command.Add(_owner);
            command.Add((long)Term.TotalMilliseconds);
        },
        cancellationToken);
}
