namespace Penstock.Runtime.DeadLetters;

/// <summary>Who acts on dead letters.</summary>
/// <param name="By">The operating system's name of the user.</param>
/// <param name="Command">The verb.</param>
/// <param name="Time">The clock.</param>
sealed record LetterAuthor(string By, string Command, TimeProvider Time)
{
    public LetterDeed Does(LineKind kind, OpenLetter letter) => new(kind, letter.Head.Id, Time.GetUtcNow(), By, Command);
}
