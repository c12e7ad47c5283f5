using System.Text;

namespace Penstock.Redis.Tests;

public sealed class RedisErrorTests
{
    [Theory]
    [Trait("Scenario", "RS12")]
    [InlineData("LOADING Redis is loading the dataset in memory", "LOADING", FailureKind.Transient)]
    [InlineData("BUSY Redis is busy running a script.", "BUSY", FailureKind.Transient)]
    [InlineData("MISCONF Redis is configured to save RDB snapshots", "MISCONF", FailureKind.Transient)]
    [InlineData("MASTERDOWN Link with MASTER is down", "MASTERDOWN", FailureKind.Transient, true)]
    [InlineData("READONLY You can't write against a read only replica.", "READONLY", FailureKind.Transient, true)]
    [InlineData("CLUSTERDOWN The cluster is down", "CLUSTERDOWN", FailureKind.Transient, true)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", "TRYAGAIN", FailureKind.Transient)]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", "OOM", FailureKind.Transient)]
    [InlineData("UNBLOCKED the stream key no longer exists", "UNBLOCKED", FailureKind.Transient, true)]
    [InlineData("NOGROUP No such key 'x' or consumer group 'g'", "NOGROUP", FailureKind.Transient)]
    [InlineData("NOREPLICAS Not enough good replicas to write.", "NOREPLICAS", FailureKind.Transient)]
    [InlineData("MOVED 3999 127.0.0.1:6381", "MOVED", FailureKind.Transient, true)]
    [InlineData("ASK 3999 127.0.0.1:6381", "ASK", FailureKind.Transient)]
    [InlineData("NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT", FailureKind.Transient)]
    [InlineData("CROSSSLOT Keys in request don't hash to the same slot", "CROSSSLOT", FailureKind.Permanent)]
    [InlineData("NOPERM this user has no permissions to run the 'xadd' command", "NOPERM", FailureKind.Permanent)]
    [InlineData("WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE", FailureKind.Permanent)]
    [InlineData("NOAUTH Authentication required.", "NOAUTH", FailureKind.Permanent)]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.", "WRONGPASS", FailureKind.Permanent)]
    [InlineData("NOPROTO unsupported protocol version", "NOPROTO", FailureKind.Permanent)]
    [InlineData("DENIED Redis is running in protected mode", "DENIED", FailureKind.Permanent)]
    [InlineData("ERR unknown command 'XADD'", "ERR", FailureKind.Permanent)]
    [InlineData("ERR The user executing the script can't run this command or subcommand", "ERR", FailureKind.Permanent)]
    [InlineData("ERR max number of clients reached", "ERR", FailureKind.Transient)]
    [InlineData("ERR This instance has cluster support disabled", "ERR", FailureKind.Permanent)]
    [InlineData("ERR DB index is out of range", "ERR", FailureKind.Permanent)]
    [InlineData("Something without a code", "ERR", FailureKind.Transient)]
    public void Every_code_of_the_server_is_transient_or_permanent_and_some_need_another_server(
        string text, string code, FailureKind kind, bool needsOtherServer = false)
    {
        var error = RedisException.From(Encoding.UTF8.GetBytes(text));
        Assert.Equal((code, kind, text, needsOtherServer), (error.Code, error.Kind, error.Message, error.NeedsOtherServer));
        var atTheBoundary = error.ToPluginException("Writing");
        Assert.Equal(kind, atTheBoundary.Kind);
        Assert.StartsWith($"Writing: {text}", atTheBoundary.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ERR unknown command 'XADD', with args beginning with: 'out' '*' 'event' 'c4nary' ", "ERR unknown command 'XADD'")]
    [InlineData("ERR unknown command `XADD`, with args beginning with: `out`, `c4nary`, ", "ERR unknown command `XADD`")]
    public void The_arguments_that_the_server_quotes_are_left_out(string text, string message)
    {
        var error = RedisException.From(Encoding.UTF8.GetBytes(text));
        Assert.Equal((message, FailureKind.Permanent), (error.Message, error.Kind));
    }

    [Theory]
    [InlineData("EXECABORT Transaction discarded because of: NOPERM no rights", "NOPERM", FailureKind.Permanent)]
    [InlineData("EXECABORT Transaction discarded because of: OOM no memory", "OOM", FailureKind.Transient)]
    [InlineData("EXECABORT Transaction discarded because of previous errors.", "EXECABORT", FailureKind.Transient)]
    public void A_discarded_transaction_is_known_by_its_reason(string text, string code, FailureKind kind)
    {
        var error = RedisException.From(Encoding.UTF8.GetBytes(text));
        Assert.Equal((code, kind), (error.Code, error.Kind));
    }

    [Theory]
    [InlineData("MOVED 3999 127.0.0.1:6381", 3999, "127.0.0.1:6381", false)]
    [InlineData("ASK 16383 redis.example:6381", 16383, "redis.example:6381", true)]
    [InlineData("MOVED 1 :6381", 1, "10.0.0.1:6381", false)]
    [InlineData("MOVED 1 ?:6381", 1, "10.0.0.1:6381", false)]
    [InlineData("MOVED 1 ::1:6381", 1, "[::1]:6381", false)]
    public void A_redirection_names_its_slot_and_server(string text, int slot, string server, bool isAsk)
    {
        var redirect = RedisException.From(Encoding.UTF8.GetBytes(text)).Redirect("10.0.0.1:7000");
        Assert.Equal(new Redirect(slot, RedisEndpoint.Parse(server), isAsk), redirect);
    }

    [Theory]
    [InlineData("MOVED")]
    [InlineData("MOVED 16384 127.0.0.1:1")]
    [InlineData("MOVED 1 127.0.0.1:")]
    [InlineData("ASK x 127.0.0.1:1")]
    [InlineData("ERR 1 127.0.0.1:1")]
    public void What_is_no_redirection_names_none(string text) =>
        Assert.Null(RedisException.From(Encoding.UTF8.GetBytes(text)).Redirect("10.0.0.1:7000"));
}
