namespace Penstock.Redis;

/// <summary>What a <see cref="NodeListener"/> has to tell; one of these.</summary>
/// <param name="Node">The server it is about, as host:port.</param>
readonly record struct NodeNews(string Node)
{
    /// <summary>A window that opens or closes.</summary>
    public LossWindow? Window { get; init; }

    /// <summary>What the server sent, in order; valid until the next news.</summary>
    public IReadOnlyList<RespValue>? Batch { get; init; }

    /// <summary>Everything up to here was told.</summary>
    public ProofOfLife? Proof { get; init; }

    /// <summary>Whether there is somebody new in <see cref="NodeListener.TakeChildren"/>.</summary>
    public bool HasChildren { get; init; }

    /// <summary>Why it does not listen for the time being.</summary>
    public PluginException? Failure { get; init; }

    public static implicit operator NodeNews(LossWindow window) => new(window.Node) { Window = window };

    public static implicit operator NodeNews(ProofOfLife proof) => new(proof.Node) { Proof = proof };
}
