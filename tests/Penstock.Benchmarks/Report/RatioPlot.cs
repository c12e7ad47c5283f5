using System.Globalization;

namespace Penstock.Benchmarks.Report;

/// <summary>Each row's ratio to its yardstick, pair by pair, with the target where there is one.</summary>
static class RatioPlot
{
    const double Width = 900;
    const double Right = 60;
    const double Top = 40;
    const double Line = 24;

    public static string? Draw(IEnumerable<RowResult> results)
    {
        var rows = results.Where(result => result is { Failure: null, Summary.Ratio: not null }).ToArray();
        if (rows.Length == 0)
        {
            return null;
        }

        var most = Math.Max(1.5, rows.Max(row => row.Summary!.Ratio!.Value.Max));
        var scale = (Width - Plot.Left - Right) / most;
        var height = Top + (rows.Length * Line) + 30;
        var canvas = new SvgCanvas(Width, height);
        canvas.Text(Plot.Left, 18, "Ratio to the yardstick in the same pair: median, least and most; red: target");
        for (var tick = 0.0; tick <= most; tick += Plot.Step(most))
        {
            canvas.Line(Plot.Left + (tick * scale), Top - 8, Plot.Left + (tick * scale), height - 24, Math.Abs(tick - 1) < 1e-9 ? Plot.Ink : Plot.Grid);
            canvas.Text(Plot.Left + (tick * scale), height - 8, tick.ToString("0.##", CultureInfo.InvariantCulture), "middle");
        }

        for (var i = 0; i < rows.Length; i++)
        {
            var y = Top + (i * Line) + 8;
            var ratio = rows[i].Summary!.Ratio!.Value;
            canvas.Text(Plot.Left - 8, y + 4, rows[i].Row.Name, "end");
            canvas.Whisker(Plot.Left + (ratio.Min * scale), Plot.Left + (ratio.Max * scale), y);
            canvas.Dot(Plot.Left + (ratio.Median * scale), y, Plot.Host);
            canvas.Text(Plot.Left + (ratio.Max * scale) + 8, y + 4, ratio.Median.ToString("0.00", CultureInfo.InvariantCulture));
            if (rows[i].Row.Targets.Select(target => target.RatioBound).FirstOrDefault(bound => bound is not null) is { } bound)
            {
                canvas.Line(Plot.Left + (bound * scale), y - 9, Plot.Left + (bound * scale), y + 9, Plot.Goal, 2);
            }
        }

        return canvas.ToString();
    }
}
