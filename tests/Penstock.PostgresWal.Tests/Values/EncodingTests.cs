using System.Text;
using Npgsql;
using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests.Values;

/// <summary>Databases that are not in UTF-8.</summary>
public sealed class EncodingTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Fact]
    [Trait("Scenario", "PG30")]
    public async Task Bytes_that_are_no_text_arrive_from_a_database_without_an_encoding()
    {
        var shop = await CreateAsync("SQL_ASCII");
        await ExecuteAsync(shop, "SQL_ASCII", "CREATE TABLE t (id int PRIMARY KEY, v text, k text)");
        await using var setup = new Setup(_database, "public.t") { ConnectionString = shop };
        var reading = await setup.StartAsync();

        await ExecuteAsync(shop, "SQL_ASCII", "INSERT INTO t VALUES (1, E'a\\xff\\xc3b', 'plain')");
        await ExecuteAsync(shop, "SQL_ASCII", "INSERT INTO t VALUES (2, E'gr\\xc3\\xbc\\xc3\\x9fe', 'plain')");
        var events = await reading.NextEventsAsync(2);

        Assert.Equal([0x61, 0xFF, 0xC3, 0x62], events[0].After!.Value[1].ToArray());
        var json = NativeJson.Of(events[0]);
        Assert.Equal(["v"], json["base64"]!.AsArray().Select(name => (string?)name));
        Assert.Equal([0x61, 0xFF, 0xC3, 0x62], Convert.FromBase64String((string)json["after"]!["v"]!));
        Assert.Equal("plain", (string?)json["after"]!["k"]);
        // Bytes that happen to be UTF-8 are text.
        Assert.Equal("grüße", (string?)NativeJson.Of(events[1])["after"]!["v"]);
    }

    [Fact]
    public async Task Text_of_another_encoding_arrives_in_utf8()
    {
        var shop = await CreateAsync("LATIN1");
        await ExecuteAsync(shop, "UTF8", "CREATE TABLE t (id int PRIMARY KEY, \"größe\" text)");
        await using var setup = new Setup(_database, "public.t") { ConnectionString = shop };
        var reading = await setup.StartAsync();

        await ExecuteAsync(shop, "UTF8", "INSERT INTO t VALUES (1, 'grüße')");

        Assert.Equal("grüße", (await reading.NextEventAsync()).After?.GetString("größe"));
    }

    [Fact]
    public async Task A_character_that_utf8_lacks_stops_the_source_and_can_be_skipped_as_documented()
    {
        var shop = await CreateAsync("WIN1252");
        await ExecuteAsync(shop, "WIN1252", "CREATE TABLE t (id int PRIMARY KEY, v text)");
        await using var setup = new Setup(_database, "public.t") { ConnectionString = shop, OnPositionLost = PositionLostPolicy.AcceptLoss };
        var reading = await setup.StartAsync();
        await ExecuteAsync(shop, "WIN1252", "INSERT INTO t VALUES (1, 'x')");
        var (_, watermark) = await reading.NextTransactionAsync();

        await ExecuteAsync(shop, "WIN1252", "INSERT INTO t VALUES (2, chr(129)), (3, 'x')");
        await ExecuteAsync(shop, "WIN1252", "INSERT INTO t VALUES (4, 'x')");
        var failure = await Assert.ThrowsAsync<PluginException>(reading.NextEventAsync);
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("docs/postgres-types.md", failure.Message, StringComparison.Ordinal);
        await setup.StopAllAsync();

        // As docs/postgres-types.md says. The first transaction was not confirmed: the slot has it too, so it is passed with the one that fails.
        for (var transaction = 1; transaction <= 2; transaction++)
        {
            await ExecuteAsync(shop, "WIN1252", $"""
                SELECT pg_replication_slot_advance('{setup.Slot}', (SELECT max(lsn) FROM pg_logical_slot_peek_binary_changes(
                    '{setup.Slot}', NULL, 1, 'proto_version', '1', 'publication_names', '{setup.Publication}')))
                """);
        }

        var again = await setup.StartAsync(watermark);
        Assert.Equal(LossCause.PositionLost, Assert.IsType<LossWindow>(await again.NextAsync()).Cause);
        Assert.Equal("4", (await again.NextEventAsync()).After?.GetString("id"));
    }

    async Task<string> CreateAsync(string encoding)
    {
        var name = Database.Unique($"db_{encoding.ToLowerInvariant()}");
        await _database.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
        return new NpgsqlConnectionStringBuilder(_database.Server.ConnectionString) { Database = name }.ConnectionString;
    }

    static async Task ExecuteAsync(string database, string clientEncoding, string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(database) { ClientEncoding = clientEncoding, Encoding = Encoding.UTF8.WebName };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        await Database.ExecuteAsync(connection, sql);
    }
}
