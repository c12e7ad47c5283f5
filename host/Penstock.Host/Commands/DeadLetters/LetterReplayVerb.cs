using Penstock.Host.Configuration;
using Penstock.Host.Running;
using Penstock.Runtime;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary><c>penstock dead-letters replay</c>: makes the sinks of the config and gives them their letters again.</summary>
sealed class LetterReplayVerb(HostConfig config, RuntimeServices services)
{
    readonly LetterAuthor _author = new(Environment.UserName, "dead-letters replay", services.Time);

    public Task<int> RunAsync(LetterChange change) => change.RunAsync("replay", Objection, ReplayAsync);

    string? Objection(SelectedLetters letters)
    {
        if (Find(letters) is null)
        {
            return $"{letters.Journal.Path} holds dead letters of {letters.Journal.Pipeline}/{letters.Journal.Sink}, which {config.File} does not have or whose plugin is broken; "
                + "bring it back, leave these letters out with --pipeline and --sink, or discard them";
        }

        return letters.OutOfOrder().Select(pair =>
            $"{Printable.Of(pair.Selected.Head.Id)} would pass {Printable.Of(pair.Older.Head.Id)}, an older open dead letter of the same key; replay that one, too, or discard it first")
            .FirstOrDefault();
    }

    async Task ReplayAsync(SelectedLetters letters, LetterBooks books)
    {
        await using var replay = new LetterReplay(Find(letters)!, letters.Journal, _author, services);
        await replay.RunAsync(
            letters.Letters,
            deed => books.Add(letters.Journal, deed.Id, deed.Kind == LineKind.Replayed ? LetterOutcome.Replayed : LetterOutcome.Refused, deed.Error?.Message),
            CancellationToken.None);
    }

    SinkPlan? Find(SelectedLetters letters) =>
        config.Pipelines.Where(pipeline => pipeline.Name == letters.Journal.Pipeline)
            .SelectMany(pipeline => PipelinePlans.Of(pipeline).Sinks).FirstOrDefault(sink => sink.Name == letters.Journal.Sink);
}
