using System.Text;

namespace Penstock.Benchmarks.Report;

/// <summary>Everything a run of the program writes, in one folder; written after each row, so that an interrupted run leaves what it has.</summary>
sealed class ResultSet(string folder, Machine machine, BenchOptions options)
{
    readonly List<RowResult> _results = [];

    public int Failed => _results.Count(result => result.Failure is not null || result.Runs.Count == 0);

    public int Count => _results.Count;

    public void Add(RowResult result)
    {
        _results.Add(result);
        Directory.CreateDirectory(folder);
        Write("machine.json", ResultJson.Serialize(machine));
        Write("results.json", ResultJson.Serialize(machine, options, _results));
        Write("results.csv", ResultCsv.Runs(_results));
        Write("progress.csv", ResultCsv.Progress(_results));
        Write("results.md", ResultMarkdown.Table(machine, options, _results));
        Write("throughput.svg", ThroughputPlot.Draw(_results));
        Write("ratio.svg", RatioPlot.Draw(_results));
        Write("latency.svg", LatencyPlot.Draw(_results));
    }

    void Write(string file, string? text)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(folder, file), text, new UTF8Encoding(false));
        }
    }
}
