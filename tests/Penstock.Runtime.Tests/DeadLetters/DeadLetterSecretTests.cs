using static Penstock.Runtime.Tests.DeadLetters.Letters;

namespace Penstock.Runtime.Tests.DeadLetters;

public sealed class DeadLetterSecretTests : IDisposable
{
    readonly Letters _letters = new();

    public void Dispose() => _letters.Dispose();

    [Fact]
    public void Only_the_plugins_own_words_are_kept_not_those_of_what_failed_below()
    {
        var cause = new InvalidOperationException("Password=hunter2") { Data = { ["secret"] = "hunter2" } };
        var error = new PluginException(FailureKind.Poison, "the value does not fit", cause);

        _letters.Store().Keep([Runtime.DeadLetters.DeadLetter.Refused(Change(1), 0, error, 1, Noon, Noon)]);

        var text = File.ReadAllText(_letters.File);
        Assert.DoesNotContain("hunter2", text);
        Assert.Contains("""{"class":"poison","message":"the value does not fit"}""", text);
    }
}
