namespace Penstock;

/// <summary>The headers that the host itself sets.</summary>
public static class EventHeaders
{
    /// <summary>When a dead letter was replayed, RFC 3339; on no other event.</summary>
    public const string Replayed = "penstock-replayed";
}
