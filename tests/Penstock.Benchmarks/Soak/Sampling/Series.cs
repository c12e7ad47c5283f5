using System.Globalization;

namespace Penstock.Benchmarks.Soak.Sampling;

/// <summary>Samples over time: rows of the same columns, the first of which is the time.</summary>
sealed class Series(IReadOnlyList<string> columns)
{
    /// <summary>The column of the time, since the fixed rate began.</summary>
    public const string Seconds = "seconds";

    readonly List<double[]> _rows = [];

    public IReadOnlyList<string> Columns => columns;

    public int Count => _rows.Count;

    public IReadOnlyList<double> this[string column]
    {
        get
        {
            var index = Index(column);
            return [.. _rows.Select(row => row[index])];
        }
    }

    public bool Has(string column) => columns.Contains(column);

    public void Add(double[] row) => _rows.Add(row);

    /// <summary>What is judged by its slope: the first half is warm-up.</summary>
    public Series SecondHalf()
    {
        var half = new Series(columns);
        half._rows.AddRange(_rows.Skip(_rows.Count / 2));
        return half;
    }

    public string ToCsv() => string.Concat(
        _rows.Select(row => string.Join(',', row.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))) + "\n").Prepend(string.Join(',', columns) + "\n"));

    int Index(string column) => columns.ToList().IndexOf(column) is var index and >= 0 ? index : throw new ArgumentException($"there is no column {column}", nameof(column));
}
