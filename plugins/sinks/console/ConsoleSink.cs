using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Penstock.Sinks.Console;

/// <summary>One lane only: two lanes on one terminal would tear each other's lines.</summary>
sealed class ConsoleSink(ConsoleFormat format, Stream output) : ISink, ILossAware, ISchemaAware
{
    readonly ArrayBufferWriter<byte> _buffer = new();
    EventJsonWriter? _json;

    public static SinkTraits Promise { get; } = new() { Durability = Durability.None, MaxLanes = 1, NeverBlocksSockets = true };

    public SinkTraits Traits => Promise;

    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _json ??= new EventJsonWriter(_buffer);
        return default;
    }

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        foreach (var change in batch)
        {
            if (format == ConsoleFormat.Json)
            {
                _json!.Write(change);
            }
            else
            {
                WriteLine(change);
            }

            _buffer.Write("\n"u8);
        }

        await output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask OnLossAsync(LossWindow loss, CancellationToken cancellationToken)
    {
        var closed = loss.ClosedAt is { } at ? $"{at.UtcDateTime:O}" : "still open";
        var line = $"-- loss window: {loss.Cause} {Escaped(loss.Node)} {Escaped(loss.Subject)} from {loss.OpenedAt.UtcDateTime:O} to {closed}\n";
        await output.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask OnSchemaChangeAsync(SchemaChange change, CancellationToken cancellationToken)
    {
        _buffer.ResetWrittenCount();
        if (format == ConsoleFormat.Line)
        {
            _buffer.Write("-- schema change: "u8);
        }

        SchemaJson.Write(_buffer, change);
        _buffer.Write("\n"u8);
        await output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _json?.Dispose();
        return output.DisposeAsync();
    }

    static JsonEncodedText Escaped(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);

    // All data goes through the JSON writer, which escapes control characters: none can move the terminal's cursor.
    void WriteLine(ChangeEvent change)
    {
        Encoding.UTF8.GetBytes($"{JsonNamingPolicy.CamelCase.ConvertName(change.Kind.ToString()),-8} ", _buffer);
        _json!.WriteSubject(change);
        _buffer.Write("  key "u8);
        _json.WriteKey(change);
        _buffer.Write("  row "u8);
        _json.WriteRow(change);
    }
}
