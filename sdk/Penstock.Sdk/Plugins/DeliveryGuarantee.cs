namespace Penstock;

/// <summary>
/// What a source can promise. There is no "exactly once" here: that is a claim about a pair of source and sink, never about a source.
/// </summary>
public enum DeliveryGuarantee
{
    /// <summary>An event may be missed; the interval is reported as a <see cref="LossWindow"/>.</summary>
    AtMostOnce = 1,

    /// <summary>Every event arrives; after a crash some arrive again, with the same id.</summary>
    AtLeastOnce = 2,
}
