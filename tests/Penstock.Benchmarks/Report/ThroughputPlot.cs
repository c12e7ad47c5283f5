using System.Globalization;
using Penstock.Benchmarks.Measuring;

namespace Penstock.Benchmarks.Report;

/// <summary>Bars of medians with whiskers from least to most: each row, and below it its yardsticks.</summary>
static class ThroughputPlot
{
    const double Width = 900;
    const double Right = 90;
    const double Top = 40;
    const double Bar = 16;
    const double Gap = 14;

    public static string? Draw(IEnumerable<RowResult> results)
    {
        var rows = results.Where(result => result is { Failure: null, Summary: { Latency: null, IsRate: true } }).ToArray();
        if (rows.Length == 0)
        {
            return null;
        }

        var most = rows.Max(row => row.Summary!.Yardsticks.Values.Append(row.Summary).Max(summary => summary.EventsPerSecond.Max));
        var height = Top + rows.Sum(row => ((row.Summary!.Yardsticks.Count + 1) * Bar) + Gap) + 30;
        var scale = (Width - Plot.Left - Right) / most;
        var canvas = new SvgCanvas(Width, height);
        canvas.Text(Plot.Left, 18, "Events per second: median, least and most of the runs");
        for (var tick = 0.0; tick <= most; tick += Plot.Step(most))
        {
            canvas.Line(Plot.Left + (tick * scale), Top - 8, Plot.Left + (tick * scale), height - 24, Plot.Grid);
            canvas.Text(Plot.Left + (tick * scale), height - 8, tick.ToString("N0", CultureInfo.InvariantCulture), "middle");
        }

        var y = Top;
        foreach (var row in rows)
        {
            DrawBar(row.Row.Name, row.Summary!.EventsPerSecond, Plot.Host);
            foreach (var (name, yardstick) in row.Summary.Yardsticks)
            {
                DrawBar(name, yardstick.EventsPerSecond, Plot.Yardstick);
            }

            y += Gap;
        }

        return canvas.ToString();

        void DrawBar(string name, Spread rate, string color)
        {
            canvas.Rectangle(Plot.Left, y, rate.Median * scale, Bar - 3, color);
            canvas.Whisker(Plot.Left + (rate.Min * scale), Plot.Left + (rate.Max * scale), y + ((Bar - 3) / 2));
            canvas.Text(Plot.Left - 8, y + 11, name, "end");
            canvas.Text(Plot.Left + (rate.Max * scale) + 8, y + 11, rate.Median.ToString("N0", CultureInfo.InvariantCulture));
            y += Bar;
        }
    }
}
