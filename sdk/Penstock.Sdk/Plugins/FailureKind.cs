namespace Penstock;

/// <summary>What the host does about a failure.</summary>
public enum FailureKind
{
    /// <summary>Tries again, for ever, with capped backoff. Any exception that is no <see cref="PluginException"/> counts as this.</summary>
    Transient = 1,

    /// <summary>Stops the pipeline: only an operator can mend it.</summary>
    Permanent = 2,

    /// <summary>One event of the batch can never be written; see <see cref="PluginException.EventIndex"/>.</summary>
    Poison = 3,

    /// <summary>
    /// The source no longer has what follows the checkpoint, or a sink lost what it had stored with its positions; an operator must decide. Exit code 4.
    /// </summary>
    PositionLost = 4,
}
