using System.Runtime.CompilerServices;

namespace Penstock.Sources.RedisStreams;

/// <summary>
/// With onGap "halt": ends the reading at a loss, once everything before it is settled and the checkpoint says that the stream is halted. A restart halts
/// again, until onGap is "continue" or the position is reset.
/// </summary>
sealed class GapHalt(GapPolicy policy, IReadOnlyList<StreamState> streams)
{
    readonly Lock _gate = new();
    Watermark? _mark;
    TaskCompletionSource? _settled;

    public async IAsyncEnumerable<SourceMessage> WatchAsync(
        IAsyncEnumerable<SourceMessage> messages, [EnumeratorCancellation] CancellationToken stopReading)
    {
        foreach (var stream in streams)
        {
            if (!stream.IsHalted)
            {
                continue;
            }

            if (policy == GapPolicy.Halt)
            {
                throw Halted(stream.Name, "entries were lost before the last stop");
            }

            stream.IsHalted = false;
            yield return stream.ToWatermark();
        }

        LossWindow? loss = null;
        await foreach (var message in messages.ConfigureAwait(false))
        {
            if (policy == GapPolicy.Halt && message is LossWindow found)
            {
                // Before the reading makes the watermark that follows every loss.
                loss = found;
                StreamOf(found).IsHalted = true;
            }

            if (loss is null || message is not Watermark watermark)
            {
                yield return message;
                continue;
            }

            var settled = Await(watermark);
            yield return watermark;
            await settled.WaitAsync(stopReading).ConfigureAwait(false);
            throw Halted(loss.Subject!, loss.Detail!);
        }
    }

    public void Acknowledged(IReadOnlyList<Watermark> reached)
    {
        if (policy != GapPolicy.Halt)
        {
            return;
        }

        lock (_gate)
        {
            if (_mark is not null && reached.Contains(_mark))
            {
                _settled!.TrySetResult();
            }
        }
    }

    Task Await(Watermark mark)
    {
        lock (_gate)
        {
            _mark = mark;
            _settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _settled.Task;
        }
    }

    StreamState StreamOf(LossWindow loss)
    {
        foreach (var stream in streams)
        {
            if (stream.Name == loss.Subject)
            {
                return stream;
            }
        }

        throw new InvalidOperationException($"A loss of the stream \"{loss.Subject}\", which is not read.");
    }

    static PluginException Halted(string stream, string what) => new(
        FailureKind.PositionLost,
        $"Stream \"{stream}\": {what.TrimEnd('.')}; onGap is \"halt\", so nothing more is read. \"penstock losses list\" shows what is missing. To go on behind it, "
        + "start with onGap \"continue\"; to read from another place, use \"penstock positions reset\".");
}
