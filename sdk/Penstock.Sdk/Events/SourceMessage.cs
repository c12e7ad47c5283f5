namespace Penstock;

/// <summary>What a source yields: a <see cref="ChangeEvent"/>, a <see cref="Watermark"/> or a <see cref="LossWindow"/>.</summary>
public abstract class SourceMessage
{
    private protected SourceMessage()
    {
    }
}
