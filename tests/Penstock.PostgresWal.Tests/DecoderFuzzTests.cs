using Penstock.Sources.PostgresWal;

namespace Penstock.PostgresWal.Tests;

/// <summary>Messages that no server sends: they decode to something or are refused, and cost no more than they are long.</summary>
public sealed class DecoderFuzzTests(PostgresFixture fixture)
{
    const int MutationsEach = 2_000;
    const int AllowedBytes = 256 * 1024;

    readonly Database _database = new(fixture.Server);

    [Fact]
    public async Task Every_truncation_of_every_message_is_refused()
    {
        var (recording, relations) = await RecordAsync();

        foreach (var message in recording.Messages.Where(message => message.Kind is not ('O' or 'Y')))
        {
            for (var length = 0; length < message.Bytes.Length; length++)
            {
                var failure = Refuses(relations, message with { Bytes = message.Bytes[..length] });
                Assert.True(failure is not null, $"{length} bytes of '{message.Kind}' were taken for a message");
                Assert.Equal(FailureKind.Permanent, failure.Kind);
                Assert.Contains(Lsn.Format(message.Lsn), failure.Message, StringComparison.Ordinal);
            }

            Assert.NotNull(Refuses(relations, message with { Bytes = [.. message.Bytes, 0] }));
            Assert.Null(Refuses(relations, message));
        }
    }

    [Fact]
    public async Task Random_bytes_in_every_message_decode_or_are_refused()
    {
        var (recording, relations) = await RecordAsync();
        var random = new Random(20_261_121);
        var (refused, decoded) = (0, 0);

        foreach (var message in recording.Messages)
        {
            for (var i = 0; i < MutationsEach; i++)
            {
                var bytes = message.Bytes.ToArray();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
                }

                var before = GC.GetAllocatedBytesForCurrentThread();
                var failure = Refuses(relations, message with { Bytes = bytes });
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllowedBytes);
                (refused, decoded) = failure is null ? (refused, decoded + 1) : (refused + 1, decoded);
            }
        }

        Assert.True(refused > MutationsEach && decoded > MutationsEach, $"{refused} refused, {decoded} decoded");
    }

    [Theory]
    [InlineData("", "type none")]
    [InlineData("M", "found 'M'")]
    [InlineData("\x07", "found 0x07")]
    [InlineData("I\0\0\0\x01N", "described before")]
    public void What_is_no_message_is_refused_with_its_first_byte_and_its_place(string bytes, string expected)
    {
        var failure = Refuses(Recording.Relations(_database), new RecordedMessage(0x1_0000_00AB, [.. bytes.Select(c => (byte)c)]));

        Assert.Equal(FailureKind.Permanent, failure?.Kind);
        Assert.Contains(expected, failure!.Message, StringComparison.Ordinal);
        Assert.Contains("1/AB", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_in_binary_is_refused()
    {
        var (recording, relations) = await RecordAsync();
        var insert = recording.Messages.First(message => message.Kind == 'I').Bytes.ToArray();
        insert[8] = (byte)'b';

        Assert.Contains("found 'b'", Refuses(relations, new RecordedMessage(1, insert))?.Message, StringComparison.Ordinal);
    }

    // Anything but a PluginException goes through.
    static PluginException? Refuses(RelationCache relations, RecordedMessage message)
    {
        try
        {
            Decode(relations, message);
            return null;
        }
        catch (PluginException e)
        {
            return e;
        }
    }

    static void Decode(RelationCache relations, RecordedMessage message)
    {
        if (message.Bytes is [(byte)'R', ..])
        {
            // A description that was tampered with must not become the one that the other messages are read with.
            var reader = new MessageReader(message.Bytes, message.Lsn);
            reader.ReadByte();
            RelationDescription.Read(ref reader);
        }
        else
        {
            Assert.True(new MessageDecoder(relations, new EventAssembler(default, default)).DecodeAsync(message.Bytes, message.Lsn).AsTask().IsCompletedSuccessfully);
        }
    }

    // Each kind of message, and of row within it, at least once.
    async Task<(Recording Recording, RelationCache Relations)> RecordAsync()
    {
        var (key, full, type) = (Database.Unique("fuzz"), Database.Unique("fuzz"), Database.Unique("mood"));
        await _database.ExecuteAsync($"""
            CREATE TYPE {type} AS ENUM ('sad'); SELECT pg_replication_origin_create('{type}');
            CREATE TABLE {key} (id int PRIMARY KEY, big text, m {type}, n int); CREATE TABLE {full} (LIKE {key} INCLUDING ALL);
            ALTER TABLE {key} ALTER big SET STORAGE EXTERNAL; ALTER TABLE {full} ALTER big SET STORAGE EXTERNAL, REPLICA IDENTITY FULL;
            """);
        var recording = await Recording.MakeAsync(
            _database,
            $"{key}, {full}",
            [$"SELECT pg_replication_origin_session_setup('{type}')", .. Changes(key), .. Changes(full), $"TRUNCATE {key}, {full}"]);
        Assert.Equal("BCDIORTUY", string.Concat(recording.Messages.Select(message => message.Kind).Distinct().Order()));

        var relations = Recording.Relations(_database, $"public.{key}", $"public.{full}");
        var decoder = new MessageDecoder(relations, new EventAssembler(default, default));
        foreach (var message in recording.Messages.Where(message => message.Kind == 'R'))
        {
            await decoder.DecodeAsync(message.Bytes, message.Lsn);
        }

        return (recording, relations);
    }

    static string[] Changes(string table) =>
    [
        $"INSERT INTO {table} VALUES (1, repeat('x', 3000), NULL, 1), (2, '', 'sad', NULL)",
        $"UPDATE {table} SET n = n + 1",
        $"UPDATE {table} SET id = id + 2",
        $"DELETE FROM {table}",
    ];
}
