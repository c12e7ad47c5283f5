namespace Penstock.Runtime.Losses;

/// <summary>
/// The loss windows of one pipeline: a line when one opens and a line when it closes, each on disk before anybody is told.
/// </summary>
sealed class LossLog(string directory)
{
    const string FileName = "losses.jsonl";

    readonly Lock _lock = new();
    readonly DurableLines _lines = new(Path.Combine(directory, FileName));

    /// <summary>Writes a window; returning means durable.</summary>
    /// <exception cref="IOException">The line could not be written; the next one overwrites what is there of it.</exception>
    /// <exception cref="PipelineFailureException">The disk refused to flush.</exception>
    public void Append(RecordedLoss loss)
    {
        ReadOnlySpan<byte> line = [.. LossJson.Write(loss).Span, (byte)'\n'];
        lock (_lock)
        {
            _lines.Append(line);
        }
    }

    /// <summary>
    /// The windows of a state directory by pipeline, oldest first: the closing line of a window replaces its opening line, and a window
    /// that a crash left open counts as closed when the same place was proven again.
    /// </summary>
    /// <param name="stateDirectory">The directory of all pipelines.</param>
    /// <param name="report">Told about each line that is no loss window; the others count all the same.</param>
    public static IReadOnlyList<(string Pipeline, RecordedLoss Loss)> ReadAll(string stateDirectory, Action<string>? report = null)
    {
        var all = new List<(string Pipeline, RecordedLoss Loss)>();
        if (Directory.Exists(stateDirectory))
        {
            foreach (var file in Directory.EnumerateFiles(stateDirectory, FileName, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var pipeline = Path.GetFileName(Path.GetDirectoryName(file)!);
                all.AddRange(Fold(Read(file, report)).Select(loss => (pipeline, loss)));
            }
        }

        return all;
    }

    static IEnumerable<RecordedLoss> Read(string file, Action<string>? report)
    {
        // A line without its line break is being written, or a crash cut it off.
        foreach (var (index, line) in File.ReadAllText(file).Split('\n')[..^1].Index())
        {
            RecordedLoss loss;
            try
            {
                loss = LossJson.Read(line);
            }
            catch (FormatException wrong)
            {
                report?.Invoke($"{file}:{index + 1}: expected a loss window, found something else ({(wrong.InnerException ?? wrong).Message}); remove the line");
                continue;
            }

            yield return loss;
        }
    }

    static List<RecordedLoss> Fold(IEnumerable<RecordedLoss> lines)
    {
        var windows = new Dictionary<object, RecordedLoss>();
        foreach (var loss in lines)
        {
            windows[loss.Identity] = loss;
        }

        return [.. windows.Values.Select(loss => Close(loss, windows.Values)).OrderBy(loss => loss.Window.OpenedAt)];
    }

    static RecordedLoss Close(RecordedLoss loss, IEnumerable<RecordedLoss> all)
    {
        if (loss.Window.ClosedAt is not null || all.FirstOrDefault(loss.IsCoveredBy) is not { } proof)
        {
            return loss;
        }

        var window = loss.Window;
        return loss with
        {
            Window = new LossWindow
            {
                Node = window.Node,
                Subject = window.Subject,
                Cause = window.Cause,
                IsCertain = window.IsCertain,
                OpenedAt = window.OpenedAt,
                ClosedAt = proof.Window.ClosedAt,
                Missed = window.Missed,
                Detail = window.Detail,
            },
        };
    }
}
