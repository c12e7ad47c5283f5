using Microsoft.Extensions.Logging;
using Penstock.Redis;

namespace Penstock.Sinks.RedisStreams;

/// <summary>Waits until enough replicas have what was written.</summary>
sealed class ReplicaWait(int replicas, TimeSpan timeout, ILogger log)
{
    readonly CommandBuffer _command = new();

    /// <summary>Null when the options ask for no replicas.</summary>
    public static ReplicaWait? Of(RedisStreamsOptions options, ILogger log) =>
        options.WaitReplicas == 0 ? null : new ReplicaWait(options.WaitReplicas, options.WaitTimeout, log);

    /// <remarks>Patient rather than failing: a batch that is sent again is in the stream twice.</remarks>
    public async ValueTask WaitAsync(RedisConnection connection, CancellationToken cancellationToken)
    {
        _command.Clear();
        _command.Begin(3);
        _command.Add("WAIT"u8);
        _command.Add(replicas);
        _command.Add((long)timeout.TotalMilliseconds);
        for (var attempt = 1; ; attempt++)
        {
            var reached = (await connection.ExecuteAsync(_command, timeout, cancellationToken).ConfigureAwait(false)).AsInt64();
            if (reached >= replicas)
            {
                return;
            }

            if (attempt == 1)
            {
                log.ReplicasLag(connection.Endpoint, reached, replicas, timeout);
            }
        }
    }
}
