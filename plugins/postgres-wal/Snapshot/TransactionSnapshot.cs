using System.Globalization;

namespace Penstock.Sources.PostgresWal;

/// <summary>Which transactions a snapshot of the database sees: <c>xmin:xmax:xip,…</c> as <c>pg_current_snapshot()</c> tells.</summary>
/// <param name="Min">Every transaction before it is over.</param>
/// <param name="Max">No transaction from it on had begun.</param>
/// <param name="Running">Those between that were not over, in their order; null at a standby, which does not tell.</param>
sealed record TransactionSnapshot(ulong Min, ulong Max, ulong[]? Running)
{
    const ulong Cycle = 1UL << 32;

    public static TransactionSnapshot Parse(string text, bool isStandby)
    {
        var parts = text.Split(':');
        var running = parts[2].Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new TransactionSnapshot(Number(parts[0]), Number(parts[1]), isStandby ? null : Array.ConvertAll(running, Number));
    }

    /// <summary>How many transactions are over. Of two snapshots that see different ones, the later has more.</summary>
    public ulong Over => Max - (ulong)(Running?.Length ?? 0);

    /// <summary>Whether it sees what this committed transaction did. At a standby the answer may be no although it does.</summary>
    /// <param name="xid">As the stream has it: the lower half of the number.</param>
    public bool Sees(uint xid)
    {
        var full = Widen(xid);
        return full < Min || (full < Max && Running is not null && Array.BinarySearch(Running, full) < 0);
    }

    // The number nearest to the snapshot's end: transactions more than half a cycle away do not exist.
    ulong Widen(uint xid)
    {
        var full = (Max & ~(Cycle - 1)) | xid;
        return full > Max + (Cycle / 2) && full >= Cycle ? full - Cycle : full + (Cycle / 2) < Max ? full + Cycle : full;
    }

    static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
