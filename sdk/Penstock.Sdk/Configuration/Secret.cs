namespace Penstock;

/// <summary>A value that must not show: passwords and tokens. Prints as <c>***</c>, whatever prints it.</summary>
/// <param name="value">The plain value.</param>
public readonly struct Secret(string value)
{
    readonly string? _value = value;

    /// <summary>Whether nothing was configured.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_value);

    /// <summary>The plain value; empty when nothing was configured. Pass it on, never log it.</summary>
    public string Reveal() => _value ?? "";

    /// <inheritdoc/>
    public override string ToString() => "***";
}
