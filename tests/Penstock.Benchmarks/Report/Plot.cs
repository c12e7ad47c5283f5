namespace Penstock.Benchmarks.Report;

/// <summary>What the plots have in common.</summary>
static class Plot
{
    public const string Ink = "#222222";
    public const string Host = "#2f6db5";
    public const string Yardstick = "#b9c3cf";
    public const string Grid = "#e3e6ea";
    public const string Goal = "#c0392b";
    public const double Left = 210;

    /// <summary>A step of 1, 2 or 5 times a power of ten that divides a range into about five.</summary>
    public static double Step(double range)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / 5)));
        return power * (range / 5 / power) switch
        {
            < 2 => 1,
            < 5 => 2,
            _ => 5,
        };
    }
}
