namespace Penstock.Host.Commands;

/// <summary>What resetting a position does, in words.</summary>
/// <param name="Kind">start, replay, loss, new or none; for programs.</param>
/// <param name="Consequence">For people.</param>
sealed record ResetEffect(string Kind, string Consequence)
{
    const string OwnBooks = " A source whose server keeps the books itself, such as a Redis consumer group, goes by those and not by this position.";

    public bool IsNone => Kind == "none";

    /// <param name="checkpoint">Where the source stands.</param>
    /// <param name="to">Where it is to stand; null for the start.</param>
    /// <exception cref="FormatException">The position cannot be one of this source.</exception>
    public static ResetEffect Of(SourceCheckpoint checkpoint, SourcePosition? to)
    {
        var now = checkpoint.Partitions.Select(mark => mark.Position).ToArray();
        if (to is not { } target)
        {
            return now.Length == 0 ? new ResetEffect("none", "It stands at the start already.") : new ResetEffect(
                "start",
                $"It stands at {string.Join(", ", now)}. At the next run the source itself decides where to begin, and much may be delivered again; "
                + "what its server has already given up (confirmed WAL, acknowledged or trimmed entries, published messages) is not read again. "
                + "A sink that stores positions with its data refuses to start until that data is moved away.");
        }

        var found = Array.FindIndex(now, position => position.Partition == target.Partition);
        if (found < 0 && now.Length > 0)
        {
            throw new FormatException($"{checkpoint.Pipeline}/{checkpoint.Source} has no partition \"{target.Partition}\"; it stands at {string.Join(", ", now)}");
        }

        return found < 0
            ? new ResetEffect("new", $"It stands at the start; it will resume after {target}, and what lies before is not delivered, if it was not before.{Note(target)}")
            : Between(now[found], target);
    }

    static ResetEffect Between(SourcePosition now, SourcePosition target) => target.Order.CompareTo(now.Order) switch
    {
        0 => new ResetEffect("none", $"It stands at {now} already."),
        < 0 => new ResetEffect(
            "replay",
            $"It stands at {now}. Everything after {target} up to there is delivered again, as far as the source still has it; a source that has it no longer "
            + $"refuses to start (exit code 4) or reports the loss. A sink that stores positions with its data skips what it has.{Note(target)}"),
        > 0 => new ResetEffect("loss", $"It stands at {now}. Everything after that up to {target} is never delivered: LOSS.{Note(target)}"),
    };

    static string Note(SourcePosition target) => target.Partition.Length > 0 ? OwnBooks : "";
}
