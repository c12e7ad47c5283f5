namespace Penstock.Redis;

/// <summary>
/// Keeps account of when a source was listening, over all its connections: at most one window is open, it opens at the last proof of life
/// and closes when the server has confirmed a new subscription. Its subject is empty, since a connection carries all of a source's names.
/// </summary>
sealed class LossWindows
{
    ProofOfLife? _proven;
    LossWindow? _open;

    /// <summary>Whether everything was in order before, in this process.</summary>
    public bool HasProof => _proven is not null;

    /// <summary>
    /// Begins to read: opens the window that lies behind us, unless it is open already. Null when there is none: nothing is promised
    /// before the first subscription.
    /// </summary>
    /// <param name="resumeAfter">The checkpoint; only looked at before the first subscription of this instance.</param>
    public LossWindow? Begin(IReadOnlyList<Watermark> resumeAfter)
    {
        if (_open is not null)
        {
            return null;
        }

        if (_proven is not null)
        {
            return Open("Reading had stopped.");
        }

        return resumeAfter is [var checkpoint, ..]
            ? _open = Window(ProofOfLife.FromState(checkpoint.State.Span), LossCause.Restarted, "The host was not listening.")
            : null;
    }

    /// <summary>Everything up to here was received and handed over.</summary>
    public void Prove(ProofOfLife proof) => _proven = proof;

    /// <summary>Nothing comes any more.</summary>
    /// <param name="detail">How it ended.</param>
    /// <param name="cause">Why.</param>
    public LossWindow? Open(string detail, LossCause cause = LossCause.Disconnected) =>
        _proven is { } proof ? _open = Window(proof, cause, detail) : null;

    /// <summary>The server has confirmed every subscription. Null when no window was open.</summary>
    /// <param name="subscribedAt">When.</param>
    /// <param name="isProven">Whether a canary has shown that the way is open.</param>
    public LossWindow? Close(DateTimeOffset subscribedAt, bool isProven)
    {
        if (_open is not { } open)
        {
            return null;
        }

        _open = null;
        return new LossWindow
        {
            Cause = open.Cause,
            OpenedAt = open.OpenedAt,
            ClosedAt = subscribedAt > open.OpenedAt ? subscribedAt : open.OpenedAt,
            Node = open.Node,
            IsCertain = isProven,
            Detail = open.Detail,
        };
    }

    static LossWindow Window(ProofOfLife proof, LossCause cause, string detail) =>
        new() { Cause = cause, OpenedAt = proof.At, Node = proof.Node, Detail = detail };
}
