using Penstock.Runtime;
using Penstock.Runtime.DeadLetters;

namespace Penstock.Host.Commands;

/// <summary><c>penstock dead-letters discard</c>: closes letters without delivering them. The events stay in the journal.</summary>
static class LetterDiscard
{
    public static Task<int> RunAsync(LetterChange change, RuntimeServices services) => change.RunAsync("discard", _ => null, (sink, books) =>
    {
        var author = new LetterAuthor(Environment.UserName, "dead-letters discard", services.Time);
        sink.Journal.Append([.. sink.Letters.Select(letter => author.Does(LineKind.Discarded, letter))]);
        foreach (var letter in sink.Letters)
        {
            books.Add(sink.Journal, letter.Head.Id, LetterOutcome.Discarded);
        }

        return Task.CompletedTask;
    });
}
