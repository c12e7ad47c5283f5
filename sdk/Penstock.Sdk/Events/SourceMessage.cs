namespace Penstock;

/// <summary>What a source yields: a <see cref="ChangeEvent"/>, a <see cref="Watermark"/>, a <see cref="LossWindow"/> or a <see cref="SchemaChange"/>.</summary>
public abstract class SourceMessage
{
    private protected SourceMessage()
    {
    }
}
