using System.Globalization;

namespace Penstock.Benchmarks.Report;

/// <summary>Percentiles on a logarithmic scale: each row solid, its yardstick dashed.</summary>
static class LatencyPlot
{
    const double Width = 900;
    const double Height = 460;
    const double Left = 70;
    const double Right = 240;
    const double Top = 40;
    const double Bottom = 40;

    static readonly string[] Colors = ["#2f6db5", "#c0392b", "#2e8b57", "#8e5bb5", "#c98a1b", "#4d4d4d"];

    public static string? Draw(IEnumerable<RowResult> results)
    {
        var rows = results.Where(result => result is { Failure: null, Summary.Latency: not null }).ToArray();
        if (rows.Length == 0)
        {
            return null;
        }

        var summaries = rows.SelectMany(row => row.Summary!.Yardsticks.Values.Append(row.Summary)).ToArray();
        var values = summaries.SelectMany(summary => summary.Latency!.Values).Select(spread => spread.Median).ToArray();
        var (low, high) = (Math.Floor(Math.Log10(values.Min())), Math.Ceiling(Math.Log10(values.Max())));
        var canvas = new SvgCanvas(Width, Height);
        canvas.Text(Left, 18, "Milliseconds until visible to a reader, by percentile (medians of the runs); dashed: the yardstick");
        for (var power = low; power <= high; power++)
        {
            canvas.Line(Left, Y(Math.Pow(10, power)), Width - Right, Y(Math.Pow(10, power)), Plot.Grid);
            canvas.Text(Left - 8, Y(Math.Pow(10, power)) + 4, Math.Pow(10, power).ToString(CultureInfo.InvariantCulture), "end");
        }

        var names = summaries[0].Latency!.Keys.ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            canvas.Text(X(i), Height - 16, names[i], "middle");
        }

        for (var row = 0; row < rows.Length; row++)
        {
            var color = Colors[row % Colors.Length];
            Curve(rows[row].Summary!, color, "none");
            foreach (var yardstick in rows[row].Summary!.Yardsticks.Values)
            {
                Curve(yardstick, color, "4 3");
            }

            canvas.Line(Width - Right + 20, Top + (row * 20), Width - Right + 44, Top + (row * 20), color, 2);
            canvas.Text(Width - Right + 50, Top + (row * 20) + 4, rows[row].Row.Name);
        }

        return canvas.ToString();

        double X(int percentile) => Left + ((Width - Left - Right) * percentile / (names.Length - 1));

        double Y(double milliseconds) => Height - Bottom - ((Height - Top - Bottom) * (Math.Log10(milliseconds) - low) / (high - low));

        void Curve(RowSummary summary, string color, string dash)
        {
            for (var i = 0; i < names.Length; i++)
            {
                var y = Y(summary.Latency![names[i]].Median);
                canvas.Dot(X(i), y, color);
                if (i > 0)
                {
                    canvas.Line(X(i - 1), Y(summary.Latency[names[i - 1]].Median), X(i), y, color, 2, dash);
                }
            }
        }
    }
}
