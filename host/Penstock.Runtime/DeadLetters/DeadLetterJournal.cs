using System.Buffers;

namespace Penstock.Runtime.DeadLetters;

/// <summary>
/// Everything that happened to the dead letters of one sink, a line each, nothing ever removed: the file is the audit trail, and the open
/// letters are its fold. Not thread-safe.
/// </summary>
sealed class DeadLetterJournal(string path, string pipeline, string sink)
{
    const string Suffix = ".dead-letters.jsonl";

    readonly DurableLines _lines = new(path);

    public string Path => path;

    public string Pipeline => pipeline;

    public string Sink => sink;

    public static DeadLetterJournal In(string pipelineStateDirectory, string pipeline, string sink) =>
        new(System.IO.Path.Combine(pipelineStateDirectory, sink + Suffix), pipeline, sink);

    /// <summary>The journals of a state directory, by pipeline and sink.</summary>
    /// <param name="stateDirectory">The directory of all pipelines.</param>
    /// <param name="pipeline">The only pipeline to look at; null for all.</param>
    /// <param name="sink">The only sink to look at; null for all.</param>
    public static IReadOnlyList<DeadLetterJournal> FindAll(string stateDirectory, string? pipeline, string? sink)
    {
        if (!Directory.Exists(stateDirectory))
        {
            return [];
        }

        var journals =
            from directory in Directory.EnumerateDirectories(stateDirectory)
            let itsPipeline = System.IO.Path.GetFileName(directory)
            where pipeline is null || pipeline == itsPipeline
            from file in Directory.EnumerateFiles(directory, "*" + Suffix)
            let itsSink = System.IO.Path.GetFileName(file)[..^Suffix.Length]
            where sink is null || sink == itsSink
            select new DeadLetterJournal(file, itsPipeline, itsSink);
        return [.. journals.OrderBy(journal => journal.Path, StringComparer.Ordinal)];
    }

    /// <summary>Returning means durable.</summary>
    /// <param name="letters">At least one, none of them open.</param>
    /// <param name="written">Called between the write and the fsync; default null.</param>
    /// <inheritdoc cref="DurableLines.Append" path="/exception"/>
    public void Append(IReadOnlyList<DeadLetter> letters, Action? written = null)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var letter in letters)
        {
            JournalJson.Write(output, sink, letter);
        }

        _lines.Append(output.WrittenSpan, written);
    }

    /// <summary>Returning means durable.</summary>
    /// <inheritdoc cref="DurableLines.Append" path="/exception"/>
    public void Append(params IReadOnlyList<LetterDeed> deeds)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var deed in deeds)
        {
            JournalJson.Write(output, deed);
        }

        _lines.Append(output.WrittenSpan);
    }

    /// <summary>Makes durable what an earlier process may have had no time to flush: nobody may build on a line that a power cut can take back.</summary>
    /// <inheritdoc cref="DurableLines.Append" path="/exception"/>
    public void Flush() => _lines.Flush();

    /// <summary>The open letters in the order in which they were given up.</summary>
    /// <param name="report">Told about each line that is none of this journal; the others count all the same.</param>
    public IReadOnlyList<OpenLetter> ReadOpen(Action<string> report)
    {
        var fold = new OpenLetters();
        foreach (var (line, at) in Read(report))
        {
            fold.Add(line, at);
        }

        return fold.InOrder();
    }

    /// <summary>All lines about one event, oldest first.</summary>
    public IEnumerable<(JournalLine Line, byte[] Bytes)> ReadHistory(string id, Action<string> report) =>
        from entry in Read(report)
        where (entry.Line.Letter?.Id ?? entry.Line.Deed!.Id) == id
        select (entry.Line, entry.At.Bytes.ToArray());

    /// <summary>The event as it came from the source, with these headers besides its own.</summary>
    /// <exception cref="FormatException">The line holds no event; the message says where it is.</exception>
    public ChangeEvent ReadEvent(OpenLetter letter, IReadOnlyDictionary<string, string> furtherHeaders)
    {
        try
        {
            return JournalLine.ReadEvent(FileLine.Read(path, letter.Offset, letter.Length), furtherHeaders);
        }
        catch (FormatException wrong)
        {
            throw new FormatException(Damage(letter.LineNumber, wrong), wrong);
        }
    }

    IEnumerable<(JournalLine Line, FileLine At)> Read(Action<string> report)
    {
        foreach (var at in File.Exists(path) ? FileLine.ReadAll(path) : [])
        {
            JournalLine line;
            try
            {
                line = JournalLine.Read(at.Bytes, pipeline, sink);
            }
            catch (FormatException wrong)
            {
                report(Damage(at.Number, wrong));
                continue;
            }

            yield return (line, at);
        }
    }

    string Damage(int line, FormatException wrong) =>
        $"{path}:{line}: expected a dead letter of {pipeline}/{sink}, or what became of one; found something else ({wrong.Message}). "
        + "Restore the line from a copy; or remove it to give up what it said";
}
