namespace Penstock.Sources.PostgresWal;

/// <summary>What a replication connection is opened with.</summary>
sealed record SessionPlan
{
    public required string Slot { get; init; }

    public required string Publication { get; init; }

    public required ResumePoint Resume { get; init; }

    public required ServerIdentity Server { get; init; }

    /// <summary>What the server is to encode text in.</summary>
    public string ClientEncoding { get; init; } = "UTF8";

    /// <summary>What was given up on the way here; null for nothing.</summary>
    public LossWindow? Loss { get; init; }

    /// <summary>How the tables belong to the publication, to be kept; null when the checkpoint has it.</summary>
    public PublicationMembers? Members { get; init; }

    /// <summary>Where the slot stands.</summary>
    public required ulong ConfirmedLsn { get; init; }

    /// <summary>How often to tell the server that we live, and to look whether it has been quiet.</summary>
    public required TimeSpan StatusInterval { get; init; }

    /// <summary>How long the server may be silent before the connection counts as dead.</summary>
    public required TimeSpan ReceiveTimeout { get; init; }

    /// <summary>The shapes that the host was told of.</summary>
    public SchemaBook Schemas { get; init; } = new();

    public SchemaChangePolicy OnSchemaChange { get; init; } = SchemaChangePolicy.Continue;

    /// <summary>The logical messages that are wanted; null when the server is not to send any.</summary>
    public MessagePrefixes? Messages { get; init; }

    /// <summary>Stands in for idle confirmation while messages are read.</summary>
    public Heartbeat? Heartbeat { get; init; }

    public required TimeProvider TimeProvider { get; init; }
}
