namespace Penstock.Host.Configuration;

/// <summary>A text with a unit, a duration or a size, and its bounds; JSON schema has no words for them.</summary>
/// <param name="IsDuration">A duration; otherwise a size.</param>
/// <param name="Minimum">The smallest value as the user would write it; null for no bound.</param>
/// <param name="Maximum">The greatest value as the user would write it; null for no bound.</param>
sealed record UnitRange(bool IsDuration, string? Minimum, string? Maximum)
{
    public string Expected => IsDuration
        ? "a duration such as \"250ms\", \"5s\", \"10m\" or \"1h\""
        : "a size such as \"512B\", \"64KiB\", \"8MiB\" or \"1GiB\"";

    /// <summary>What is wrong with a text of the right form; null when nothing is.</summary>
    public string? Check(ConfigNode node)
    {
        if (Parse(node.Text) is not { } value)
        {
            return $"{Shown.Value(node)} is too large";
        }

        if (Parse(Minimum) is { } least && value < least)
        {
            return $"{Shown.Value(node)} is below the minimum {Shown.Quote(Minimum!)}";
        }

        return Parse(Maximum) is { } most && value > most ? $"{Shown.Value(node)} is above the maximum {Shown.Quote(Maximum!)}" : null;
    }

    long? Parse(string? text)
    {
        if (IsDuration)
        {
            return Duration.TryParse(text, out var duration) ? duration.Ticks : null;
        }

        return ByteSize.TryParse(text, out var size) ? size.Bytes : null;
    }
}
