namespace Penstock.Runtime.Tests.Model;

/// <summary>A position as a small number: 2n for event n, 2n + 1 for a watermark after it.</summary>
static class Place
{
    public static int OfEvent(int number) => 2 * number;

    public static int OfWatermark(int number) => (2 * number) + 1;

    public static int Of(SourcePosition position) => (int)((2 * (ulong)(position.Order >> 64)) + (ulong)position.Order);

    public static int Of(IReadOnlyList<SourcePosition> positions) => positions.Count == 0 ? 0 : Of(positions[0]);

    public static int Of(IReadOnlyList<Watermark> watermarks) => watermarks.Count == 0 ? 0 : Of(watermarks[0].Position);

    public static int NumberOf(ChangeEvent change) => (int)(change.Position.Order >> 64);

    public static SourcePosition Position(int place) => new("", SourcePosition.Compose((ulong)place / 2, (ulong)place % 2));
}
