using System.Globalization;
using Penstock.Benchmarks.Report;
using Penstock.Benchmarks.Soak.Sampling;

namespace Penstock.Benchmarks.Soak.Report;

/// <summary>Columns over time, one diagram below the other; every scale begins at zero.</summary>
static class SeriesPlot
{
    const double Width = 900;
    const double PanelHeight = 220;
    const double Left = 80;
    const double Right = 190;
    const double Top = 30;
    const double Bottom = 30;

    static readonly string[] Colors = [Plot.Host, Plot.Goal, "#2e8b57"];

    public static string Draw(Series series, IReadOnlyList<Panel> panels)
    {
        var canvas = new SvgCanvas(Width, PanelHeight * panels.Count);
        for (var i = 0; i < panels.Count; i++)
        {
            var columns = panels[i].Columns.Where(series.Has).ToArray();
            if (columns.Length > 0)
            {
                Draw(canvas, series, panels[i], columns, PanelHeight * i);
            }
        }

        return canvas.ToString();
    }

    static void Draw(SvgCanvas canvas, Series series, Panel panel, string[] columns, double top)
    {
        var seconds = series[Series.Seconds];
        var values = columns.Select(column => series[column].Select(value => value / panel.Unit).ToArray()).ToArray();
        var step = Plot.Step(Math.Max(1e-3, values.Max(column => column.Max())));
        var most = step * Math.Ceiling(Math.Max(1e-3, values.Max(column => column.Max())) / step);
        canvas.Text(Left, top + 18, panel.Title);
        for (var level = 0.0; level <= most * 1.001; level += step)
        {
            canvas.Line(Left, Y(level), Width - Right, Y(level), Plot.Grid);
            canvas.Text(Left - 8, Y(level) + 4, level.ToString("#,0.###", CultureInfo.InvariantCulture), "end");
        }

        canvas.Text(Left, top + PanelHeight - 8, "0 s");
        canvas.Text(Width - Right, top + PanelHeight - 8, string.Create(CultureInfo.InvariantCulture, $"{seconds[^1]:0} s"), "end");
        for (var column = 0; column < columns.Length; column++)
        {
            var color = Colors[column % Colors.Length];
            for (var i = 1; i < seconds.Count; i++)
            {
                canvas.Line(X(seconds[i - 1]), Y(values[column][i - 1]), X(seconds[i]), Y(values[column][i]), color, 1.5);
            }

            canvas.Line(Width - Right + 14, top + Top + (column * 20), Width - Right + 36, top + Top + (column * 20), color, 2);
            canvas.Text(Width - Right + 42, top + Top + (column * 20) + 4, columns[column]);
        }

        double X(double time) => Left + ((Width - Left - Right) * time / seconds[^1]);

        double Y(double value) => top + PanelHeight - Bottom - ((PanelHeight - Top - Bottom) * Math.Max(0, value) / most);
    }
}
