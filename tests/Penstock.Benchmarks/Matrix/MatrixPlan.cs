using Penstock.Benchmarks.Rows;

namespace Penstock.Benchmarks.Matrix;

/// <summary>
/// A path through the host and the settings that are tried on it: each option by itself around the middle, some together, and some at every payload. The full
/// product would take a day and say little more.
/// </summary>
sealed record MatrixPlan(string Path, string Note, IReadOnlyList<MatrixCell> Cells, Func<int, long, Task<IAdjustableWork>> PrepareAsync)
{
    /// <summary>The payload for which the sweet spot is named.</summary>
    public const int MiddlePayload = 150;

    static readonly int[] OtherPayloads = [50, 1024, 8192];

    public static IReadOnlyList<MatrixPlan> All { get; } = [WalToRedis(), StreamsToFile()];

    /// <summary>Fewer of the large ones, so that a run takes seconds.</summary>
    public static long Events(int payloadBytes) => payloadBytes switch
    {
        <= 150 => 200_000,
        <= 1024 => 120_000,
        _ => 30_000,
    };

    static MatrixPlan WalToRedis() => new(
        "wal-redis",
        "WAL (5,000-row transactions) to a Redis stream. The source has one reader: a replication slot has one.",
        [
            .. new[] { 1, 2, 4, 8 }.Select(lanes => new MatrixCell(MiddlePayload, lanes, 1000, "key")),
            .. new[] { 100, 5000 }.Select(batch => new MatrixCell(MiddlePayload, 4, batch, "key")),
            .. new[] { "source", "none" }.Select(ordering => new MatrixCell(MiddlePayload, 4, 1000, ordering)),
            new(MiddlePayload, 1, 5000, "key"), new(MiddlePayload, 2, 5000, "key"), new(MiddlePayload, 8, 5000, "none"), new(MiddlePayload, 8, 100, "key"),
            .. OtherPayloads.SelectMany(payload => new MatrixCell[] { new(payload, 1, 1000, "key"), new(payload, 4, 1000, "key"), new(payload, 2, 5000, "key") }),
        ],
        async (payload, events) => await WalWork.ToRedisAsync(events, 5000, payload));

    static MatrixPlan StreamsToFile() => new(
        "streams-file",
        "Redis stream (one consumer of a group) to a file. The sink has one lane, so lanes and ordering are left out; `count` is what the source reads at once, and it has one reader.",
        [
            .. new[] { 100, 1000, 5000 }.Select(batch => new MatrixCell(MiddlePayload, 1, batch, "key", 1000)),
            .. new[] { 100, 5000 }.Select(count => new MatrixCell(MiddlePayload, 1, 1000, "key", count)),
            new(MiddlePayload, 1, 5000, "key", 5000),
            .. OtherPayloads.SelectMany(payload => new MatrixCell[] { new(payload, 1, 1000, "key", 1000), new(payload, 1, 5000, "key", 5000) }),
        ],
        async (payload, events) => await StreamsWork.PrepareAsync(events, toFile: true, payload));
}
