namespace Penstock;

/// <summary>
/// The interval in which a source may have missed, or has proof that it missed, events. The host writes it to disk before anybody sees it.
/// </summary>
/// <remarks>
/// Emit it once when it opens (<see cref="ClosedAt"/> null) and once more, with the same <see cref="OpenedAt"/>, when it closes.
/// </remarks>
public sealed class LossWindow : SourceMessage
{
    /// <summary>Why events may be missing.</summary>
    public required LossCause Cause { get; init; }

    /// <summary>The last proof of life: everything up to here was received.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the source was subscribed and proven again; null while the window is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The server the window belongs to, as host:port. Default empty.</summary>
    public string Node { get; init; } = "";

    /// <summary>What may have been missed: a channel, a pattern, a stream. Default empty: everything of the source.</summary>
    public string Subject { get; init; } = "";

    /// <summary>
    /// Whether the window is proven to hold all that was missed. False, the default, when its end is only the server's word: a subscription that was
    /// confirmed, over which nothing has come yet.
    /// </summary>
    public bool IsCertain { get; init; }

    /// <summary>The exact number of missed events where the server allows one; otherwise null.</summary>
    public long? Missed { get; init; }

    /// <summary>One sentence for the operator. Default empty.</summary>
    public string Detail { get; init; } = "";
}
