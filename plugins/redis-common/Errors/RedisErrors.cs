using System.Collections.Frozen;

namespace Penstock.Redis;

/// <summary>Which of the server's errors pass by themselves, and what to do about those that do not.</summary>
static class RedisErrors
{
    const string DiscardedBecause = "EXECABORT Transaction discarded because of: ";

    // What is not listed counts as transient: the host tries again with backoff and shows the message.
    static readonly FrozenDictionary<string, (FailureKind Kind, string Remedy)> Known = new Dictionary<string, (FailureKind, string)>
    {
        ["LOADING"] = (FailureKind.Transient, ""),
        ["BUSY"] = (FailureKind.Transient, "A script is running; SCRIPT KILL ends it."),
        ["MISCONF"] = (FailureKind.Transient, "The server cannot save to disk; see its log."),
        ["MASTERDOWN"] = (FailureKind.Transient, ""),
        ["READONLY"] = (FailureKind.Transient, "The server is a replica; point connection.endpoints at the primary, or at the sentinels."),
        ["CLUSTERDOWN"] = (FailureKind.Transient, ""),
        ["TRYAGAIN"] = (FailureKind.Transient, ""),
        ["OOM"] = (FailureKind.Transient, "The server is out of memory; raise maxmemory or make room."),
        ["UNBLOCKED"] = (FailureKind.Transient, ""),
        ["NOGROUP"] = (FailureKind.Transient, ""),
        ["NOREPLICAS"] = (FailureKind.Transient, "The server demands more replicas than are connected (min-replicas-to-write)."),
        ["MOVED"] = (FailureKind.Transient, ""),
        ["ASK"] = (FailureKind.Transient, ""),
        ["NOSCRIPT"] = (FailureKind.Transient, ""),
        ["CROSSSLOT"] = (FailureKind.Permanent, "In a cluster the keys of one command must share a slot; give them one hash tag: {tag}."),
        ["NOPERM"] = (FailureKind.Permanent, "Grant what the plugin's README lists to connection.user, with ACL SETUSER."),
        ["WRONGTYPE"] = (FailureKind.Permanent, "The key holds another type; choose another name, or rename the key."),
        ["NOAUTH"] = (FailureKind.Permanent, "Set connection.password, and connection.user for an ACL user."),
        ["WRONGPASS"] = (FailureKind.Permanent, "Check connection.user and connection.password."),
        ["NOPROTO"] = (FailureKind.Permanent, "Redis 6 or newer is needed."),
        ["DENIED"] = (FailureKind.Permanent, "The server is in protected mode; give it a password."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // The server is not the primary of what it was asked for, or not any more. ASK is none of these: its slot has not moved yet.
    static readonly string[] FromWrongServer = ["MOVED", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "UNBLOCKED"];

    // ERR says everything else; these never pass.
    static readonly string[] PermanentTexts =
    [
        "ERR unknown command",
        "ERR unknown subcommand",
        "ERR wrong number of arguments",
        "ERR syntax error",
        "ERR DB index is out of range",
        "ERR invalid DB index",
        "ERR AUTH <password> called without any password",
        "ERR This instance has cluster support disabled",
        "ERR The stream has exhausted the last possible ID",

        // What NOPERM is to a command that a script runs.
        "ERR The user executing the script can't ",
    ];

    public static bool NeedsOtherServer(string code) => Array.IndexOf(FromWrongServer, code) >= 0;

    public static bool IsKnown(string code) => Known.ContainsKey(code);

    // What follows are the first arguments of the command: payload, or worse.
    public static string WithoutArguments(string message)
    {
        var quoted = message.IndexOf(", with args beginning with:", StringComparison.Ordinal);
        return quoted < 0 ? message : message[..quoted];
    }

    // A transaction that is refused as a whole has the reason behind its own code.
    public static string ReasonOf(string message) =>
        message.StartsWith(DiscardedBecause, StringComparison.Ordinal) ? message[DiscardedBecause.Length..] : message;

    public static FailureKind KindOf(string code, string message) =>
        Known.TryGetValue(code, out var known) ? known.Kind
        : Array.Exists(PermanentTexts, text => message.StartsWith(text, StringComparison.OrdinalIgnoreCase)) ? FailureKind.Permanent
        : FailureKind.Transient;

    public static string RemedyOf(string code) => Known.TryGetValue(code, out var known) ? known.Remedy : "";

    public static string CodeOf(string message)
    {
        var space = message.IndexOf(' ', StringComparison.Ordinal);
        var word = space < 0 ? message.AsSpan() : message.AsSpan(0, space);
        return word.Length > 0 && !word.ContainsAnyExceptInRange('A', 'Z') ? word.ToString() : "ERR";
    }
}
