using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using static Penstock.Sdk.Tests.Json;

namespace Penstock.Sdk.Tests;

public sealed class EventJsonPropertyTests
{
    static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(2000);

    static readonly JsonDocumentOptions OneValuePerName = new() { AllowDuplicateProperties = true };

    [Fact]
    public void A_line_always_parses_and_never_breaks() =>
        Check.One(Config, Prop.ForAll(EventGen.Events, change =>
        {
            var line = WriteBytes(change);
            using var parsed = JsonDocument.Parse(line, OneValuePerName);
            ReadAllText(parsed.RootElement);
            return !Encoding.UTF8.GetString(line).Any(c => char.IsControl(c) && c != '\u007f' && c < '\u0080');
        }));

    [Fact]
    public void What_was_read_writes_the_same_bytes()
    {
        var reader = new EventJsonReader();
        Check.One(Config, Prop.ForAll(EventGen.Events, change =>
        {
            var line = WriteBytes(change);
            var read = reader.Read(line);
            var again = WriteBytes(read);
            Assert.True(line.AsSpan().SequenceEqual(again), $"{Encoding.UTF8.GetString(line)}\n{Encoding.UTF8.GetString(again)}");
            Assert.Equal(change.Id, read.Id);
            var id = new ArrayBufferWriter<byte>();
            change.WriteId(id);
            Assert.Equal(change.Id, Encoding.UTF8.GetString(id.WrittenSpan));
            Assert.Equal(change.Position, read.Position);
            Assert.Equal(change.Kind, read.Kind);
            return true;
        }));
    }

    [Fact]
    public void A_cut_or_changed_line_is_an_event_or_a_format_error()
    {
        var reader = new EventJsonReader();
        var refused = 0;
        var random = new Random(1);
        Check.One(Config, Prop.ForAll(EventGen.Events, change =>
        {
            var line = WriteBytes(change);
            line[random.Next(line.Length)] = (byte)random.Next(256);
            foreach (var bytes in (byte[][])[line, line[..random.Next(line.Length)]])
            {
                try
                {
                    reader.Read(bytes);
                }
                catch (FormatException)
                {
                    refused++;
                }
            }

            return true;
        }));
        Assert.True(refused > 2000, $"{refused}");
    }

    static void ReadAllText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    ReadAllText(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadAllText(item);
                }

                break;
            default:
                Assert.NotNull(element.GetRawText());
                break;
        }
    }
}
