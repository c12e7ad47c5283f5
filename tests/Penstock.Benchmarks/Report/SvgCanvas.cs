using System.Globalization;
using System.Net;
using System.Text;

namespace Penstock.Benchmarks.Report;

/// <summary>As much of SVG as the plots need.</summary>
sealed class SvgCanvas
{
    readonly StringBuilder _text = new();

    public SvgCanvas(double width, double height)
    {
        _text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" ")
            .Append("font-family=\"system-ui, sans-serif\" font-size=\"12\">\n");
        Rectangle(0, 0, width, height, "#ffffff");
    }

    public void Rectangle(double x, double y, double width, double height, string color) =>
        _text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\" fill=\"{color}\"/>\n");

    public void Line(double x1, double y1, double x2, double y2, string color, double width = 1, string dash = "none") => _text.Append(
        CultureInfo.InvariantCulture,
        $"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" stroke=\"{color}\" stroke-width=\"{width}\" stroke-dasharray=\"{dash}\"/>\n");

    public void Dot(double x, double y, string color) =>
        _text.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3.5\" fill=\"{color}\"/>\n");

    public void Text(double x, double y, string text, string anchor = "start", string color = "#222222") => _text.Append(
        CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" fill=\"{color}\">{WebUtility.HtmlEncode(text)}</text>\n");

    /// <summary>A line from the least to the most, with a stop at both ends.</summary>
    public void Whisker(double from, double to, double y)
    {
        const double stop = 4;
        Line(from, y, to, y, Plot.Ink);
        Line(from, y - stop, from, y + stop, Plot.Ink);
        Line(to, y - stop, to, y + stop, Plot.Ink);
    }

    public override string ToString() => _text + "</svg>\n";
}
