namespace Penstock.Host.Tests.Configuration;

/// <summary>
/// Each case replaces a piece of the good config; <c>§</c> marks the place where the one problem must be, and is not part of the file.
/// </summary>
public sealed class MistakeTests
{
    public static TheoryData<string, string, string, string[]> Mistakes { get; } = new()
    {
        // The host's own part.
        { "\"plugins\":", "§\"plugin\":", "/plugin", ["unknown property \"plugin\"", "did you mean \"plugins\"?"] },
        { "\"plugins\": {", "§\"zzz\": 1, \"plugins\": {", "/zzz", ["unknown property \"zzz\"", "known are $schema, admin, pipelines, plugins, state"] },
        { "{ \"directories\": [\"./more\"] }", "§[]", "/plugins", ["expected an object, found an array"] },
        { "[\"./more\"]", "§\"./more\"", "/plugins/directories", ["expected an array, found \"./more\""] },
        { "[\"./more\"]", "[\"./more\", §\"./nowhere\"]", "/plugins/directories/1", ["nowhere\" does not exist"] },
        { "[\"./more\"]", "[\"./more\", §7]", "/plugins/directories/1", ["expected a string, found 7"] },
        { "[\"./more\"]", "[§\"${env:DIR}\"]", "/plugins/directories/0", ["references such as ${env:NAME} are not allowed here"] },
        { "\"./data\"", "§\"\"", "/state/directory", ["expected at least 1 character, found \"\""] },
        { "\"./data\"", "§null", "/state/directory", ["expected a string, found null"] },
        { "\"200ms\"", "§\"200 ms\"", "/state/checkpointInterval", ["expected a duration such as \"250ms\"", "found \"200 ms\""] },
        { "\"200ms\"", "§200", "/state/checkpointInterval", ["expected a duration such as \"250ms\"", "found 200"] },
        { "\"200ms\"", "§\"2ms\"", "/state/checkpointInterval", ["\"2ms\" is below the minimum \"10ms\""] },
        { "\"200ms\"", "§\"2h\"", "/state/checkpointInterval", ["\"2h\" is above the maximum \"1m\""] },
        { "\"200ms\"", "§\"99999999999999999999h\"", "/state/checkpointInterval", ["\"99999999999999999999h\" is too large"] },
        { "\"checkpointInterval\"", "§\"checkpointinterval\"", "/state/checkpointinterval", ["did you mean \"checkpointInterval\"?"] },
        { "\"directory\": \"./data\",", "\"directory\": \"./data\", §\"directory\": \"./b\",", "/state/directory", ["duplicate property \"directory\"; the first one is at 5:14"] },
        { ", \"checkpointInterval\": \"200ms\"", ", §\"\\ud800\": 1", "/state", ["half of a surrogate pair"] },
        { "\"admin\":", "§\"amdin\":", "/amdin", ["unknown property \"amdin\"", "did you mean \"admin\"?"] },
        { "\"token\":", "§\"tokn\":", "/admin/tokn", ["did you mean \"token\"?"] },
        { "\"http://127.0.0.1:9999\"", "§\"\"", "/admin/listen", ["expected at least 1 character"] },
        { "\"http://127.0.0.1:9999\"", "§\"127.0.0.1:9999\"", "/admin/listen", ["expected an address such as \"http://127.0.0.1:9464\", found \"127.0.0.1:9999\""] },
        { "\"http://127.0.0.1:9999\"", "§\"https://127.0.0.1:9999\"", "/admin/listen", ["TLS and host names are the business of a proxy in front"] },
        { "\"http://127.0.0.1:9999\"", "§\"http://monitor:9999\"", "/admin/listen", ["found \"http://monitor:9999\""] },
        { "\"http://127.0.0.1:9999\"", "§\"http://127.0.0.1:9999/metrics\"", "/admin/listen", ["and no path"] },
        { "\"http://127.0.0.1:9999\"", "§\"http://127.0.0.1:99999\"", "/admin/listen", ["found \"http://127.0.0.1:99999\""] },
        { "\"http://127.0.0.1:9999\", \"token\": \"sesame\"", "§\"http://0.0.0.0:9999\"", "/admin/listen", ["\"http://0.0.0.0:9999\" can be reached from other machines, and \"admin.token\" is not set; add \"token\": \"${env:NAME}\", or listen on 127.0.0.1"] },
        { "\"http://127.0.0.1:9999\", \"token\": \"sesame\"", "§\"http://[2001:db8::1]:80\"", "/admin/listen", ["can be reached from other machines"] },
        { "\"7s\"", "§\"999ms\"", "/admin/stalledAfter", ["\"999ms\" is below the minimum \"1s\""] },
        { "\"7s\"", "§\"2h\"", "/admin/stalledAfter", ["\"2h\" is above the maximum \"1h\""] },
        { "\"stalledAfter\"", "§\"stallAfter\"", "/admin/stallAfter", ["did you mean \"stalledAfter\"?"] },
        { "\"sesame\"", "§\"open sesame\"", "/admin/token", ["expected text of the form ^(?:[A-Za-z0-9._~+/=-]+)$, found ***"] },
        { "\"orders\":", "§\"orders\\n\":", "/pipelines/orders\n", ["expected a name of the form ^[a-z0-9-]{1,63}$, found \"orders\\n\""] },
        { "\"./data\"", "§\"./da\\u0000ta\"", "/state/directory", ["expected text without the character \\u0000"] },
        { "\"200ms\"", "§\"200ms\\n\"", "/state/checkpointInterval", ["expected a duration"] },
        { "\"orders\":", "§\"Orders\":", "/pipelines/Orders", ["expected a name of the form ^[a-z0-9-]{1,63}$, found \"Orders\""] },
        { "\"require\"", "§\"requires\"", "/pipelines/orders/requires", ["did you mean \"require\"?"] },
        { "\"at-least-once\"", "§\"at-least-onec\"", "/pipelines/orders/require", ["expected \"at-most-once\", \"at-least-once\" or \"effectively-once\", found \"at-least-onec\"; did you mean \"at-least-once\"?"] },
        { "\"at-least-once\"", "§\"exactly-once\"", "/pipelines/orders/require", ["found \"exactly-once\""] },
        { "\"at-least-once\"", "§2", "/pipelines/orders/require", ["expected \"at-most-once\", \"at-least-once\" or \"effectively-once\", found 2"] },
        { "\"ordering\": \"source\"", "\"ordering\": §\"Source\"", "/pipelines/orders/ordering", ["expected \"key\", \"source\" or \"none\", found \"Source\"; did you mean \"source\"?"] },
        { "\"db\":", "§\"d/b~\":", "/pipelines/orders/sources/d~1b~0", ["expected a name of the form", "found \"d/b~\""] },
        { "\"db\": {", "\"db\": §{ \"config\": { \"a\": 1 } }, \"eb\": {", "/pipelines/orders/sources/db", ["required property \"type\" is missing"] },
        { "\"type\": \"stream\"", "\"type\": §7", "/pipelines/orders/sources/db/type", ["expected a string, found 7"] },
        { "\"type\": \"stream\"", "\"type\": §\"${env:TYPE}\"", "/pipelines/orders/sources/db/type", ["references such as ${env:NAME} are not allowed here"] },
        { "\"type\": \"print\"", "\"type\": \"print\", §\"lane\": 3", "/pipelines/orders/sinks/out/lane", ["did you mean \"lanes\"?"] },
        { "\"readers\": 3", "\"readers\": §0", "/pipelines/orders/sources/db/readers", ["0 is below the minimum 1"] },
        { "\"readers\": 3", "\"readers\": §65", "/pipelines/orders/sources/db/readers", ["65 is above the maximum 64"] },
        { "\"readers\": 3", "\"readers\": §5", "/pipelines/orders/sources/db/readers", ["5 is above the maximum 4 of source type \"stream\""] },
        { "\"lanes\": 2", "\"lanes\": §0", "/pipelines/orders/sinks/out/lanes", ["0 is below the minimum 1"] },
        { "\"lanes\": 2", "\"lanes\": §257", "/pipelines/orders/sinks/out/lanes", ["257 is above the maximum 256"] },
        { "\"lanes\": 2", "\"lanes\": §5", "/pipelines/orders/sinks/out/lanes", ["5 is above the maximum 4 of sink type \"print\""] },
        { "\"lanes\": 2", "\"lanes\": §2.5", "/pipelines/orders/sinks/out/lanes", ["expected an integer, found 2.5"] },
        { "\"lanes\": 2", "\"lanes\": §\"2\"", "/pipelines/orders/sinks/out/lanes", ["expected an integer, found \"2\""] },
        { "\"lanes\": 2", "\"lanes\": §99999999999999999999", "/pipelines/orders/sinks/out/lanes", ["99999999999999999999 has more digits than 64 bits hold"] },
        { "\"maxEvents\": 10", "\"maxEvents\": §1e400", "/pipelines/orders/sinks/out/batch/maxEvents", ["1e400 has more digits than 64 bits hold"] },
        { "\"1MiB\"", "§\"1MB\"", "/pipelines/orders/sinks/out/batch/maxBytes", ["expected a size such as", "found \"1MB\""] },
        { "\"1MiB\"", "§\"2GiB\"", "/pipelines/orders/sinks/out/batch/maxBytes", ["\"2GiB\" is above the maximum \"1GiB\""] },
        { "\"maxDelay\": \"1ms\"", "\"maxDelay\": §\"61s\"", "/pipelines/orders/sinks/out/batch/maxDelay", ["\"61s\" is above the maximum \"1m\""] },
        { "\"initialDelay\": \"1s\"", "\"initialDelay\": §\"11s\"", "/pipelines/orders/sinks/out/retry/initialDelay", ["\"initialDelay\" (\"11s\") is above \"maxDelay\" (\"10s\")"] },
        { "\"retry\": { \"initialDelay\": \"1s\", \"maxDelay\": \"10s\" }", "\"retry\": §[]", "/pipelines/orders/sinks/out/retry", ["expected an object, found an array"] },
        { "\"deadLetter\"", "§\"deadletter\"", "/pipelines/orders/sinks/out/onPoison", ["expected \"halt\" or \"deadLetter\", found \"deadletter\"; did you mean \"deadLetter\"?"] },
        { "\"continue\"", "§\"skip\"", "/pipelines/orders/sinks/out/deadLetters/sameKey", ["expected \"park\" or \"continue\", found \"skip\""] },
        { "\"sameKey\"", "§\"samekey\"", "/pipelines/orders/sinks/out/deadLetters/samekey", ["did you mean \"sameKey\"?"] },
        { "\"onPoison\": \"deadLetter\",", "", "/pipelines/orders/sinks/out/deadLetters", ["\"deadLetters\" has no effect without \"onPoison\": \"deadLetter\"; add that, or leave \"deadLetters\" out"] },
        { "\"deadLetter\"", "\"halt\"", "/pipelines/orders/sinks/out/deadLetters", ["\"deadLetters\" has no effect"] },
        { "\"maxDelay\": \"1ms\" },", "\"wholeTransactions\": §true }, \"ordering\": \"key\",", "/pipelines/orders/sinks/out/batch/wholeTransactions", ["\"wholeTransactions\" needs \"ordering\": \"source\""] },
        { "\"maxDelay\": \"1ms\"", "\"wholeTransactions\": §1", "/pipelines/orders/sinks/out/batch/wholeTransactions", ["expected true or false, found 1"] },
        { "\"maxEvents\": 500", "\"maxEvents\": §0", "/pipelines/orders/sources/db/inFlight/maxEvents", ["0 is below the minimum 1"] },
        { "\"maxEvents\": 500", "\"maxEvents\": §10000001", "/pipelines/orders/sources/db/inFlight/maxEvents", ["10000001 is above the maximum 10000000"] },
        { "\"2MiB\"", "§\"1023KiB\"", "/pipelines/orders/sources/db/inFlight/maxBytes", ["\"1023KiB\" is below the minimum \"1MiB\""] },
        { "\"2MiB\"", "§\"17GiB\"", "/pipelines/orders/sources/db/inFlight/maxBytes", ["\"17GiB\" is above the maximum \"16GiB\""] },

        // Plugins and their configs.
        { "\"connection\": \"here:1\", ", "", "/pipelines/orders/sources/db/config", ["required property \"connection\" is missing", "[stream 1.2.0]"] },
        { "\"count\": 10", "\"count\": §1001", "/pipelines/orders/sources/db/config/count", ["1001 is above the maximum 1000 [stream 1.2.0]"] },
        { "\"count\": 10", "\"count\": §true", "/pipelines/orders/sources/db/config/count", ["expected an integer, found true"] },
        { "\"count\": 10", "§\"cuont\": 10", "/pipelines/orders/sources/db/config/cuont", ["unknown property \"cuont\"; did you mean \"count\"?"] },
        { "\"count\": 10", "\"retries\": §3000000000", "/pipelines/orders/sources/db/config/retries", ["3000000000 does not fit StreamOptions", "out of range"] },
        { "\"count\": 10", "\"block\": §\"2m\"", "/pipelines/orders/sources/db/config/block", ["\"2m\" is above the maximum \"1m\" [stream 1.2.0]"] },
        { "\"count\": 10", "\"buffer\": §\"1kb\"", "/pipelines/orders/sources/db/config/buffer", ["expected a size such as", "found \"1kb\""] },
        { "\"count\": 10", "\"streams\": §[]", "/pipelines/orders/sources/db/config/streams", ["expected at least 1 element, found an array"] },
        { "\"count\": 10", "\"streams\": §[\"a\", \"b\", \"c\", \"d\"]", "/pipelines/orders/sources/db/config/streams", ["expected at most 3 elements"] },
        { "\"count\": 10", "\"streams\": [\"a\", §null]", "/pipelines/orders/sources/db/config/streams/1", ["expected a string, found null"] },
        { "\"count\": 10", "\"key\": §\"A1\"", "/pipelines/orders/sources/db/config/key", ["expected text of the form ^(?:[a-z]+)$, found \"A1\""] },
        { "\"count\": 10", "\"key\": §\"abcdefghi\"", "/pipelines/orders/sources/db/config/key", ["expected at most 8 characters, found \"abcdefghi\""] },
        { "\"count\": 10", "\"weights\": { \"a.b\": 1, \"c.d\": §\"x\" }", "/pipelines/orders/sources/db/config/weights/c.d", ["expected an integer, found \"x\""] },
        { "\"count\": 10", "\"tls\": { §\"cafile\": \"x\" }", "/pipelines/orders/sources/db/config/tls/cafile", ["did you mean \"caFile\"?"] },
        { "\"count\": 10", "\"ratio\": §\"much\"", "/pipelines/orders/sources/db/config/ratio", ["expected a number, found \"much\""] },
        { "\"consumerGroup\"", "§\"ConsumerGroup\"", "/pipelines/orders/sources/db/config/mode", ["expected \"consumerGroup\" or \"read\"", "did you mean \"consumerGroup\"?"] },
        { "\"require\": \"at-least-once\"", "\"require\": \"at-most-once\"", "/pipelines/orders/sources/db/config/trim", ["expected false in mode \"read\"", "[stream 1.2.0]"] },
        { "\"at-least-once\"", "§\"at-least-once\"", "/pipelines/orders/require", ["\"at-least-once\" cannot be given: source \"db\" (stream) is at-most-once (whatever is sent while disconnected)"] },
        { "\"config\": { \"colours\": false }", "\"config\": §\"none\"", "/pipelines/orders/sinks/out/config", ["expected an object, found \"none\""] },
        { "\"type\": \"print\"", "\"type\": §\"prnt\"", "/pipelines/orders/sinks/out/type", ["no plugin provides sink \"prnt\"; did you mean \"print\"? installed: print, shape"] },
        { "\"type\": \"print\"", "\"type\": §\"kafka\"", "/pipelines/orders/sinks/out/type", ["no plugin provides sink \"kafka\"; installed: print, shape"] },
        { "\"type\": \"print\"", "\"type\": §\"stream\"", "/pipelines/orders/sinks/out/type", ["\"stream\" is a source, not a sink; installed: print, shape"] },
        { "\"type\": \"print\"", "\"type\": §\"crashed\"", "/pipelines/orders/sinks/out/type", ["plugin \"crashed\" cannot be used: /plugins/crashed/crashed.dll: Some.Library is missing; publish the plugin again"] },

        // A schema that the plugin brings.
        { "\"type\": \"print\",", Shape("\"version\": §3"), "/pipelines/orders/sinks/out/config/version", ["expected 2, found 3 [shape 1.2.0]"] },
        { "\"type\": \"print\",", Shape("\"target\": { \"kind\": \"tcp\", \"port\": §\"x\" }"), "/pipelines/orders/sinks/out/config/target/port", ["expected an integer, found \"x\""] },
        { "\"type\": \"print\",", Shape("\"target\": { \"kind\": \"unix\", \"path\": §\"x\" }"), "/pipelines/orders/sinks/out/config/target/path", ["expected text of the form ^/, found \"x\""] },
        { "\"type\": \"print\",", Shape("\"target\": §5"), "/pipelines/orders/sinks/out/config/target", ["expected exactly one of the allowed shapes, found 5"] },
        { "\"type\": \"print\",", Shape("\"label\": §true"), "/pipelines/orders/sinks/out/config/label", ["expected integer or string, found true"] },

        // The file.
        { "\"lanes\": 2", "\"lanes\": §oops", "", ["invalid JSON: the text here is an invalid start of a value"] },
        { "\"lanes\": 2,", "\"lanes\": 2 §\"batch\"", "", ["invalid JSON: '\"' is invalid after a value"] },
        { "\"./data\"", "§\"\\ud800\"", "/state/directory", ["half of a surrogate pair"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_where_it_is(string find, string replacement, string pointer, string[] parts)
    {
        using var fixture = new ConfigFixture();
        Assert.Contains(find, ConfigFixture.Good, StringComparison.Ordinal);
        var marked = Replace(find, replacement, pointer);
        var at = marked.IndexOf('§', StringComparison.Ordinal);
        var lines = marked[..at].Split('\n');

        var result = fixture.Load(marked.Remove(at, 1));

        var problem = Assert.Single(result.Problems);
        Assert.Equal(pointer, problem.Pointer);
        Assert.Equal($"{lines.Length}:{lines[^1].Length + 1}", $"{problem.Line}:{problem.Column}");
        Assert.All(parts, part => Assert.Contains(part, problem.ToString(), StringComparison.Ordinal));
    }

    static string Shape(string config) => $"\"type\": \"shape\", \"config\": {{ {config} }} }}, \"two\": {{ \"type\": \"print\",";

    // Mistakes that need a second change, or whose place is not where the change is.
    static string Replace(string find, string replacement, string pointer)
    {
        var text = ConfigFixture.Good.Replace(find, replacement, StringComparison.Ordinal);
        return pointer switch
        {
            "/pipelines/orders/sources/db/config" => text.Replace("\"config\": { \"count\"", "\"config\": §{ \"count\"", StringComparison.Ordinal),
            "/pipelines/orders/sinks/out/deadLetters" => text.Replace("\"deadLetters\": {", "\"deadLetters\": §{", StringComparison.Ordinal),
            "/pipelines/orders/sources/db/config/trim" => text.Replace("\"consumerGroup\"", "\"read\", \"trim\": §true", StringComparison.Ordinal),
            "/pipelines/orders/require" when replacement == "§\"at-least-once\"" =>
                text.Replace("\"consumerGroup\"", "\"read\"", StringComparison.Ordinal),
            _ => text,
        };
    }
}
