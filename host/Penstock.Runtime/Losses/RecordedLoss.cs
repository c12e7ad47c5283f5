namespace Penstock.Runtime.Losses;

/// <summary>A loss window and the source it belongs to.</summary>
sealed record RecordedLoss(string Source, LossWindow Window)
{
    /// <summary>Opening and closing of one window share this.</summary>
    public (string Source, string Node, string Subject, LossCause Cause, DateTimeOffset OpenedAt) Identity =>
        (Source, Window.Node, Window.Subject, Window.Cause, Window.OpenedAt);

    /// <summary>Whether proof for the other window is proof for this one: the same place, at a time not before it opened.</summary>
    public bool IsCoveredBy(RecordedLoss other) =>
        Source == other.Source && Window.Node == other.Window.Node && Window.Subject == other.Window.Subject
        && other.Window.ClosedAt is { } closed && closed >= Window.OpenedAt;
}
