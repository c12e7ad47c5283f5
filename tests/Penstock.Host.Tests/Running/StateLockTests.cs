using Penstock.Host.Running;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Running;

public sealed class StateLockTests : IDisposable
{
    readonly TempDirectory _directory = new("lock");

    string State => _directory.Combine("state");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_directory_is_for_its_owner_alone()
    {
        using var held = StateLock.Acquire(State);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(State));
    }

    [Fact]
    public void A_second_host_is_refused_until_the_first_has_gone()
    {
        using (StateLock.Acquire(State))
        {
            var refusal = Assert.Throws<IOException>(() => StateLock.Acquire(State));

            Assert.Contains(Path.Combine(State, "lock"), refusal.Message);
            Assert.Contains("stop that one, or give this one its own state.directory", refusal.Message);
        }

        StateLock.Acquire(State).Dispose();
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_named()
    {
        File.WriteAllText(State, "a file");

        Assert.Contains(State, Assert.Throws<IOException>(() => StateLock.Acquire(State)).Message);
    }
}
