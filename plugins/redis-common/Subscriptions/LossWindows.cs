namespace Penstock.Redis;

/// <summary>
/// Keeps account of when a source was listening, over all its connections: at most one window is open, it opens at the last proof of life
/// and closes when the server has confirmed a new subscription.
/// </summary>
/// <param name="born">The window that is open from the beginning, because what is listened to now was there before; null for none.</param>
sealed class LossWindows(LossWindow? born)
{
    ProofOfLife? _proven;
    readonly bool _isBornOpen = born is not null;
    LossWindow? _open = born;
    bool _hasToldBorn;

    /// <summary>Whether everything was in order before, in this process.</summary>
    public bool HasProof => _proven is not null || _isBornOpen;

    /// <summary>Up to when nothing is missing; null before the first proof.</summary>
    public ProofOfLife? Proven => _open is { } open ? new ProofOfLife(open.OpenedAt, open.Node) : _proven;

    /// <summary>
    /// Begins to read: opens the window that lies behind us, unless it is open already. Null when there is none: nothing is promised
    /// before the first subscription.
    /// </summary>
    /// <param name="resumeAfter">The checkpoint; only looked at before the first subscription of this instance.</param>
    public LossWindow? Begin(IReadOnlyList<Watermark> resumeAfter)
    {
        if (_isBornOpen && !_hasToldBorn)
        {
            _hasToldBorn = true;
            return _open;
        }

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
    /// <param name="subject">What; empty for everything of the source.</param>
    public LossWindow? Open(string detail, LossCause cause = LossCause.Disconnected, string subject = "") =>
        _proven is { } proof && _open is null ? _open = Window(proof, cause, detail, subject) : null;

    /// <summary>The window of somebody else who goes on with a part of what was listened to here.</summary>
    /// <param name="subject">Which part.</param>
    /// <param name="detail">What happened to it.</param>
    /// <param name="cause">Why.</param>
    /// <returns>Null when nothing is promised yet.</returns>
    public LossWindow? Inherit(string subject, string detail, LossCause cause) => _open is { } open
        ? Window(new ProofOfLife(open.OpenedAt, open.Node), open.Cause, open.Detail, subject)
        : _proven is { } proof ? Window(proof, cause, detail, subject) : null;

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
            Subject = open.Subject,
            IsCertain = isProven,
            Detail = open.Detail,
        };
    }

    static LossWindow Window(ProofOfLife proof, LossCause cause, string detail, string subject = "") =>
        new() { Cause = cause, OpenedAt = proof.At, Node = proof.Node, Subject = subject, Detail = detail };
}
