namespace Penstock;

/// <summary>A failure that says what the host should do about it.</summary>
public sealed class PluginException : Exception
{
    /// <summary>A failure of this kind.</summary>
    /// <param name="kind">What the host does about it.</param>
    /// <param name="message">What was expected, what was found, where, and what to do. No secrets, no payload.</param>
    /// <param name="innerException">The cause. Default null.</param>
    public PluginException(FailureKind kind, string message, Exception? innerException)
        : base(message, innerException) => Kind = kind;

    /// <inheritdoc cref="PluginException(FailureKind, string, Exception)"/>
    public PluginException(FailureKind kind, string message)
        : this(kind, message, null)
    {
    }

    /// <summary>What the host does about it.</summary>
    public FailureKind Kind { get; }

    /// <summary>For <see cref="FailureKind.Poison"/>: the event in the batch that was refused; those before it are durable.</summary>
    public int EventIndex { get; private init; }

    /// <summary>The event at this index of the batch can never be written; those before it are durable, the rest was not attempted.</summary>
    public static PluginException Poison(int eventIndex, string message) => new(FailureKind.Poison, message) { EventIndex = eventIndex };
}
