namespace Penstock.Host.Tests.Commands;

public sealed class SnapshotVerbTests : IDisposable
{
    readonly VerbFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("orders/bd", "no source orders/bd in ", "expected one of orders/db; did you mean \"orders/db\"?")]
    [InlineData("orders/db", "orders/db: a fixture source has no rows that it could read again", "")]
    public async Task What_cannot_be_read_again_is_refused(string source, string reason, string hint)
    {
        var run = await _fixture.RunAsync("snapshot", source, "--table", "public.orders");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.Contains(hint, run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_fixture.State, "*.snapshot-request.*", SearchOption.AllDirectories));
    }
}
