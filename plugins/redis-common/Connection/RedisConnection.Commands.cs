namespace Penstock.Redis;

public sealed partial class RedisConnection
{
    /// <summary>Sends commands in one write and waits for all their replies, in order; an error is a reply among others.</summary>
    /// <param name="commands">At least one command. The caller clears the buffer.</param>
    /// <param name="replies">Takes the replies; one per command.</param>
    /// <param name="cancellationToken">Closes the connection, since the replies would be in doubt.</param>
    /// <exception cref="RedisConnectionException">
    /// The connection broke, or the server did not answer in time. What the commands did is unknown.
    /// </exception>
    public ValueTask ExecuteAsync(CommandBuffer commands, Memory<RespValue> replies, CancellationToken cancellationToken) =>
        ExecuteAsync(commands.Written, new PendingReplies(replies[..commands.Count]), TimeSpan.Zero, cancellationToken);

    /// <summary>As the other one, and the memory of all earlier replies may take these: for who looks at replies and lets them go.</summary>
    /// <remarks>
    /// 60 bytes less for each command of a transaction. No earlier reply or push of this connection may be in use. Takes effect when the first
    /// command is answered with a single value, as MULTI is.
    /// </remarks>
    /// <inheritdoc cref="ExecuteAsync(CommandBuffer, Memory{RespValue}, CancellationToken)"/>
    public ValueTask ExecuteOverEarlierAsync(CommandBuffer commands, Memory<RespValue> replies, CancellationToken cancellationToken) =>
        ExecuteAsync(
            commands.Written, new PendingReplies(replies[..commands.Count]) { EarlierMayGo = true }, TimeSpan.Zero, cancellationToken);

    /// <summary>Sends one command and waits for its reply.</summary>
    /// <param name="command">One command. The caller clears the buffer.</param>
    /// <param name="blocksFor">How long the command itself may wait at the server, on top of the command timeout.</param>
    /// <param name="cancellationToken">Closes the connection, since the reply would be in doubt.</param>
    /// <exception cref="RedisException">The server answered with an error.</exception>
    /// <exception cref="RedisConnectionException">
    /// The connection broke, or the server did not answer in time. What the command did is unknown.
    /// </exception>
    public async ValueTask<RespValue> ExecuteAsync(CommandBuffer command, TimeSpan blocksFor, CancellationToken cancellationToken)
    {
        var reply = new RespValue[1];
        await ExecuteAsync(command.Written, new PendingReplies(reply), blocksFor, cancellationToken).ConfigureAwait(false);
        return reply[0].OrThrow();
    }

    /// <summary>Sends one command of text arguments: for set-up, not for hot paths.</summary>
    /// <inheritdoc cref="ExecuteAsync(CommandBuffer, TimeSpan, CancellationToken)"/>
    public ValueTask<RespValue> ExecuteAsync(ReadOnlySpan<string> command, CancellationToken cancellationToken)
    {
        var buffer = new CommandBuffer();
        buffer.AddCommand(command);
        return ExecuteAsync(buffer, TimeSpan.Zero, cancellationToken);
    }

    /// <summary>
    /// Sends commands that the server answers with pushes (SUBSCRIBE and its kin) and waits until it has carried them out. The
    /// confirmations are in <see cref="Pushes"/> by then; subscribe to fewer channels at once than <see cref="PushCapacity"/>.
    /// </summary>
    /// <exception cref="RedisException">The server refused a command.</exception>
    /// <exception cref="RedisConnectionException">The connection broke, or the server did not answer in time.</exception>
    public async ValueTask SubscribeAsync(CommandBuffer commands, CancellationToken cancellationToken)
    {
        commands.Begin(2);
        commands.Add("PING"u8);
        commands.Add(Fence);
        await ExecuteAsync(commands.Written, new PendingReplies(Fence.AsMemory()), TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
    }

    internal async Task PingAsync()
    {
        var pending = new PendingReplies(new RespValue[1]);
        await SendAsync(PingCommand, pending).ConfigureAwait(false);
        await pending.Completion.ConfigureAwait(false);
    }

    async ValueTask ExecuteAsync(
        ReadOnlyMemory<byte> commands, PendingReplies pending, TimeSpan blocksFor, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var cancellation = cancellationToken.UnsafeRegister(
            static state => ((RedisConnection)state!).Abort(new RedisConnectionException("A command was cancelled before its reply came.")), this);
        _deadline.Start(_commandTimeout + blocksFor);
        try
        {
            await SendAsync(commands, pending).ConfigureAwait(false);
            await pending.Completion.ConfigureAwait(false);
        }
        catch (RedisConnectionException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _deadline.Stop();
        }
    }

    // The semaphore only keeps the heartbeat's PING from landing in the middle of its owner's commands.
    async ValueTask SendAsync(ReadOnlyMemory<byte> commands, PendingReplies pending)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            lock (_gate)
            {
                if (_failure is { } failure)
                {
                    throw new RedisConnectionException(failure.Kind, $"The connection to {Endpoint} is closed: {failure.Message}", failure);
                }

                pending.SentAt = _time.GetUtcNow().UtcTicks;
                _pending.Enqueue(pending);
            }

            await _stream.WriteAsync(commands).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The reader loop sees the broken connection too: it first delivers what has arrived, then fails what is pending.
        }
        finally
        {
            _writing.Release();
        }
    }
}
