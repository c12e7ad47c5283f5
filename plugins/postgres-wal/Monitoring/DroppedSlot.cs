namespace Penstock.Sources.PostgresWal;

/// <summary>A slot that was dropped because it kept too much WAL.</summary>
/// <param name="ConfirmedLsn">What was confirmed by then; changes after it are gone.</param>
/// <param name="Retained">What it kept.</param>
sealed record DroppedSlot(ulong ConfirmedLsn, string Retained)
{
    public LossWindow ToLoss(ResumePoint resume, DateTimeOffset now) => new()
    {
        Cause = LossCause.PositionLost,
        OpenedAt = resume.State.At > DateTimeOffset.UnixEpoch ? resume.State.At : DateTimeOffset.UnixEpoch,
        ClosedAt = now,
        Detail = $"The slot kept {Retained}, more than \"maxRetainedWal\", and was dropped as \"onMaxRetainedWal\" says. Changes after {Lsn.Format(ConfirmedLsn)} that were not "
            + "delivered are lost, and so is what is committed until there is a new slot.",
    };

    public PluginException ToFailure(string slot) => new(
        FailureKind.PositionLost,
        $"Slot \"{slot}\" kept {Retained}, more than \"maxRetainedWal\", and was dropped, as \"onMaxRetainedWal\": \"dropSlot\" says. Confirmed was {Lsn.Format(ConfirmedLsn)}: changes after "
        + "it that were not delivered are gone, up to where a new slot begins. To go on with a new one, reset this source: penstock positions reset PIPELINE/SOURCE --to start; "
        + "\"onPositionLost\": \"acceptLoss\" does so by itself at the next start. What the sinks lack has to be brought to them in another way.");
}
