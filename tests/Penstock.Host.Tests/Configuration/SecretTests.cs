using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

/// <summary>A canary in every place where a mistake could quote it.</summary>
public sealed class SecretTests
{
    const string Canary = "hunter2-canary";
    const string Options = "\"count\": 10, \"mode\": \"consumerGroup\"";

    public static TheoryData<string> Mistakes { get; } =
    [
        // A literal in a secret field.
        $"\"password\": \"{Canary}\", \"count\": \"no\"",
        $"\"password\": [\"{Canary}\"]",
        $"\"password\": {{ \"{Canary}\": \"{Canary}\" }}, \"count\": 0".Replace($"\"{Canary}\":", "\"x\":", StringComparison.Ordinal),
        $"\"password\": \"{Canary}${{\"",
        $"\"password\": \"x${{{Canary}:y}}\"",
        $"\"password\": \"x${{env:{Canary}:y}}\"",
        $"\"tls\": {{ \"passphrase\": [\"{Canary}\"] }}",
        $"\"passwort\": \"{Canary}\"",
        $"\"password\": \"a\", \"password\": \"{Canary}\"",
        $"\"password\": \"{Canary}\", \"retries\": 13",
        $"\"password\": \"{Canary}\", \"mode\": \"read\", \"trim\": true",
        $"\"password\": {Canary}",
        $"\"password\": t{Canary}",
        $"\"password\": \"{Canary}\" \"{Canary}\"",
        $"\"password\": \"{Canary}\\q{Canary}\"",

        // A value from the environment, wherever it goes.
        "\"count\": \"${env:CANARY}\"",
        "\"mode\": \"${env:CANARY}\"",
        "\"block\": \"${env:CANARY}\"",
        "\"buffer\": \"${env:CANARY}\"",
        "\"key\": \"${env:CANARY}\"",
        "\"key\": \"x${env:CANARY}\"",
        "\"streams\": \"${env:CANARY}\"",
        "\"weights\": { \"a\": \"${env:CANARY}\" }",
        "\"tls\": \"${file:canary}\"",
        "\"retries\": \"${file:canary}\"",
        "\"trim\": \"${env:NONE:-hunter2-canary}\"",
        "\"key\": \"${env:CANARY}${env:NONE}\"",
        "\"password\": \"${env:CANARY}\", \"retries\": 13",
        "\"password\": \"${file:canary}\", \"mode\": \"read\", \"trim\": true",
        "\"mode\": \"read\", \"trim\": true, \"connection\": \"${env:CANARY}\"",
    ];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void No_problem_shows_a_secret(string mistake)
    {
        using var fixture = new ConfigFixture { Environment = { ["CANARY"] = Canary } };
        fixture.Write("canary", Canary + "\n");
        var text = ConfigFixture.Good.Replace(Options, mistake, StringComparison.Ordinal);
        text = mistake.Contains("\"connection\"", StringComparison.Ordinal) ? text.Replace("\"connection\": \"here:1\", ", "", StringComparison.Ordinal) : text;

        var result = fixture.Load(text);

        Assert.NotEmpty(result.Problems);
        Assert.DoesNotContain(Canary, fixture.Print(result), StringComparison.Ordinal);
        using var json = new MemoryStream();
        ProblemWriter.WriteJson(result.Problems, json);
        Assert.DoesNotContain(Canary, System.Text.Encoding.UTF8.GetString(json.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"key\": \"hunter2-canary\"")]
    [InlineData("\"mode\": \"hunter2-canary\"")]
    [InlineData("\"weights\": { \"a\": \"hunter2-canary\" }")]
    public void The_canary_would_be_seen_in_a_plain_value(string mistake)
    {
        using var fixture = new ConfigFixture();
        var result = fixture.Load(ConfigFixture.Good.Replace(Options, mistake, StringComparison.Ordinal));

        Assert.Contains(Canary, fixture.Print(result), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"state\": { \"directory\": \"./data\"", "\"state\": { \"directory\": [\"${env:CANARY}\"]")]
    [InlineData("\"200ms\"", "\"${env:CANARY}\"")]
    [InlineData("\"http://127.0.0.1:9999\"", "\"${env:CANARY}\"")]
    [InlineData("\"http://127.0.0.1:9999\", \"token\": \"sesame\"", "\"http://10.${env:NONE:-0}.0.1:9999\", \"zzz\": \"${env:CANARY}\"")]
    [InlineData("\"sesame\"", "\"${env:CANARY} x\"")]
    [InlineData("\"sesame\"", "\"hunter2-canary \"")]
    [InlineData("\"at-least-once\"", "\"${env:CANARY}\"")]
    [InlineData("\"lanes\": 2", "\"lanes\": \"${env:CANARY}\"")]
    [InlineData("\"1MiB\"", "\"${env:CANARY}\"")]
    [InlineData("\"colours\": false", "\"colours\": \"${env:CANARY}\"")]
    [InlineData("\"config\": { \"colours\": false }", "\"config\": \"${env:CANARY}\"")]
    [InlineData("\"orders\": {", "\"ORDERS\": \"${env:CANARY}\", \"orders\": {")]
    [InlineData("\"db\": {", "\"DB\": { \"type\": \"${env:CANARY}\" }, \"db\": {")]
    public void The_hosts_own_problems_show_no_interpolated_value(string find, string replacement)
    {
        using var fixture = new ConfigFixture { Environment = { ["CANARY"] = Canary } };
        var result = fixture.Load(ConfigFixture.Good.Replace(find, replacement, StringComparison.Ordinal));

        Assert.NotEmpty(result.Problems);
        Assert.DoesNotContain(Canary, fixture.Print(result), StringComparison.Ordinal);
    }

    [Fact]
    public void A_schema_that_forgets_a_secret_shows_it_no_more_than_the_options_class_allows()
    {
        using var fixture = new ConfigFixture();
        var result = fixture.Load(ConfigFixture.Good
            .Replace("\"type\": \"print\"", "\"type\": \"shape\"", StringComparison.Ordinal)
            .Replace("\"colours\": false", $"\"token\": \"{Canary}\"", StringComparison.Ordinal));

        Assert.Equal("expected at least 30 characters, found ***", Assert.Single(result.Problems).Message);
    }

    [Fact]
    public void A_secret_reaches_its_plugin()
    {
        using var fixture = new ConfigFixture { Environment = { ["CANARY"] = Canary } };
        var result = fixture.Load(ConfigFixture.Good.Replace(Options, "\"password\": \"${env:CANARY}\"", StringComparison.Ordinal));

        Assert.Equal(Canary, Assert.IsType<StreamOptions>(result.Config!.Pipelines[0].Sources[0].Options).Password.Reveal());
    }
}
