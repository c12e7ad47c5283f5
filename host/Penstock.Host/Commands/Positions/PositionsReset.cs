using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock positions reset PIPELINE/SOURCE --to …</c>: says what it would do, and does it with --yes.</summary>
sealed class PositionsReset(string stateDirectory, bool yes, bool json, RuntimeServices services)
{
    const string Start = "start";

    public int Run(string name, string to)
    {
        if (SourceCheckpoint.FindAll(stateDirectory, null).FirstOrDefault(place => $"{place.Pipeline}/{place.Source}" == name) is not { Source: not null } place)
        {
            return Refuse($"no source {Printable.Of(name)} has a position in {stateDirectory}; expected PIPELINE/SOURCE as in penstock positions show");
        }

        try
        {
            SourcePosition? target = to == Start ? null : SourcePosition.Parse(to);
            using var state = OwnState.Acquire(stateDirectory, "positions reset");
            return state is null ? ExitCode.FailedWhileRunning : Reset(SourceCheckpoint.Read(place, services), target);
        }
        catch (FormatException wrong)
        {
            return Refuse($"--to: {Printable.Of(wrong.Message)}, or \"{Start}\"");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or PipelineFailureException)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.FailedWhileRunning;
        }
    }

    int Reset(SourceCheckpoint checkpoint, SourcePosition? target)
    {
        var effect = ResetEffect.Of(checkpoint, target);
        var isDone = yes && !effect.IsNone;
        if (!json)
        {
            Console.WriteLine($"{checkpoint.Pipeline}/{checkpoint.Source}: {Printable.Of(effect.Consequence)}");
        }

        if (isDone)
        {
            ResetAudit.Append(checkpoint, target?.ToString() ?? Start, services.Time.GetUtcNow());
            Apply(checkpoint, target);
        }

        Answer(checkpoint, target, effect, isDone);
        return isDone || effect.IsNone ? ExitCode.Done : Refuse("nothing was done; add --yes to reset the position");
    }

    static void Apply(SourceCheckpoint checkpoint, SourcePosition? target)
    {
        if (target is { } position)
        {
            checkpoint.ResetTo(position);
        }
        else
        {
            checkpoint.ResetToStart();
        }
    }

    void Answer(SourceCheckpoint checkpoint, SourcePosition? target, ResetEffect effect, bool isDone)
    {
        if (!json)
        {
            Console.WriteLine(isDone ? "The position is reset." : "The position is as it was.");
            return;
        }

        JsonAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("pipeline", checkpoint.Pipeline);
            writer.WriteString("source", checkpoint.Source);
            writer.WriteStartArray("from");
            foreach (var watermark in checkpoint.Partitions)
            {
                writer.WriteStringValue(watermark.Position.ToString());
            }

            writer.WriteEndArray();
            writer.WriteString("to", target?.ToString() ?? Start);
            writer.WriteString("effect", effect.Kind);
            writer.WriteString("consequence", effect.Consequence);
            writer.WriteBoolean("done", isDone);
            writer.WriteEndObject();
        });
    }

    static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return ExitCode.Config;
    }
}
