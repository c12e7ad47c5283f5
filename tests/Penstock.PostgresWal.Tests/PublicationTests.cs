using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>A publication that changes while it is read.</summary>
public sealed class PublicationTests(PostgresFixture fixture)
{
    readonly Database _database = new(fixture.Server);

    [Theory]
    [InlineData("ALTER PUBLICATION {0} DROP TABLE {0}", "was taken out of it (put it back with ALTER PUBLICATION \"{0}\" ADD TABLE")]
    [InlineData("DROP PUBLICATION {0}", "was taken out of it")]
    [InlineData("ALTER PUBLICATION {0} DROP TABLE {0}; INSERT INTO {0} VALUES (2); ALTER PUBLICATION {0} ADD TABLE {0}", "was taken out of it and put back")]
    [Trait("Scenario", "PG17")]
    public async Task A_table_that_leaves_the_publication_stops_the_source_by_name(string change, string expected)
    {
        var (table, other) = (Database.Unique("member"), Database.Unique("member"));
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY); CREATE TABLE {other} (id int PRIMARY KEY); CREATE PUBLICATION {table} FOR TABLE {table}, {other}");
        await using var setup = new Setup(_database, $"public.{table}", $"public.{other}") { Publication = table, MonitorInterval = TimeSpan.FromMilliseconds(20), StatusInterval = TimeSpan.FromMilliseconds(50) };
        var reading = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        await reading.NextTransactionAsync();

        // The watch has looked before.
        var queries = $"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_publication_rel%' AND query NOT LIKE '%pg_stat_activity%'";
        await Eventually.HoldsAsync(async () => await _database.ScalarAsync<long>(queries) > 0, "the watch looks");
        await _database.ExecuteAsync(string.Format(change, table));

        var failure = await Assert.ThrowsAsync<PluginException>(async () =>
        {
            while (true)
            {
                await reading.NextAsync();
            }
        });
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains($"public.{table} {string.Format(expected, table)}", failure.Message, StringComparison.Ordinal);
        Assert.Equal(change.StartsWith("DROP", StringComparison.Ordinal), failure.Message.Contains($"public.{other}", StringComparison.Ordinal));

        // Not mended, it stops at every start; mended, it goes on (and tells a loss, if there is a checkpoint: see below).
        if (!expected.EndsWith("back", StringComparison.Ordinal))
        {
            Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<PluginException>(setup.Read(setup.NewSource()).NextAsync)).Kind);
        }
        else
        {
            await setup.StopAllAsync();
            var again = await setup.StartAsync();
            await _database.ExecuteAsync($"INSERT INTO {table} VALUES (3)");
            Assert.Contains("3", (await again.NextEventsAsync(2)).Select(e => e.After?.GetString("id")));
        }
    }

    [Theory]
    [InlineData("ALTER PUBLICATION {0} DROP TABLE {0}; INSERT INTO {0} VALUES (2); ALTER PUBLICATION {0} ADD TABLE {0}", true)]
    [InlineData("INSERT INTO {0} VALUES (2)", false)]
    [InlineData("ALTER TABLE {0} RENAME TO {0}_s; ALTER TABLE {1} RENAME TO {0}; ALTER TABLE {0}_s RENAME TO {1}", false)]
    [Trait("Scenario", "PG17")]
    public async Task A_table_that_was_out_of_the_publication_while_nobody_read_is_a_loss_once(string change, bool isLoss)
    {
        var (table, other) = (Database.Unique("away"), Database.Unique("away"));
        await _database.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY); CREATE TABLE {other} (id int PRIMARY KEY); CREATE PUBLICATION {table} FOR TABLE {table}, {other}");
        await using var setup = new Setup(_database, $"public.{table}", $"public.{other}") { Publication = table, StatusInterval = TimeSpan.FromMilliseconds(50) };
        var first = await setup.StartAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
        var (_, watermark) = await first.NextTransactionAsync();
        await setup.StopAllAsync();
        await _database.ExecuteAsync(string.Format(change, table, other));
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (3)");

        var (again, next) = await GoOnAsync(watermark, first.Members!);
        if (isLoss)
        {
            var loss = Assert.IsType<LossWindow>(next);
            Assert.Equal((LossCause.SettingCleared, false), (loss.Cause, loss.IsCertain));
            Assert.Contains($"was without public.{table} for a time", loss.Detail, StringComparison.Ordinal);
            await again.NextTransactionAsync();
            await _database.ExecuteAsync($"INSERT INTO {table} VALUES (5)");
            (_, watermark) = await again.NextTransactionAsync();
        }
        else
        {
            Assert.IsType<ChangeEvent>(next);
        }

        // Told, it is told no more.
        await setup.StopAllAsync();
        await _database.ExecuteAsync($"INSERT INTO {table} VALUES (4)");
        (_, next) = await GoOnAsync(watermark, again.Members ?? first.Members!);
        Assert.IsType<ChangeEvent>(next);

        async Task<(Reading Reading, SourceMessage Next)> GoOnAsync(params Watermark[] from)
        {
            var reading = await setup.StartAsync(from);
            var next = await reading.NextAsync();
            while (next is Watermark)
            {
                next = await reading.NextAsync();
            }

            return (reading, next);
        }
    }
}
