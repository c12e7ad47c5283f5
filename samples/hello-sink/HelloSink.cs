using System.ComponentModel;
using Penstock;

[assembly: Plugin("hello", typeof(HelloPlugin))]

public sealed class HelloOptions
{
    [Description("The file to append to.")]
    public required string Path { get; init; }
}

public sealed class HelloPlugin : SinkPlugin<HelloOptions>
{
    public override string Summary => "Appends a line per event to a file.";

    public override SinkTraits Traits => HelloSink.Promise;

    public override ISink Create(HelloOptions options, SinkContext context) => new HelloSink(options.Path);
}

sealed class HelloSink(string path) : ISink
{
    FileStream? _file;

    // One lane, because two writers would tear each other's lines.
    public static SinkTraits Promise { get; } = new() { Durability = Durability.Flushed, MaxLanes = 1 };

    public SinkTraits Traits => Promise;

    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _file ??= new FileStream(path, FileMode.Append, FileAccess.Write);
        return default;
    }

    public async ValueTask WriteAsync(IReadOnlyList<ChangeEvent> batch, CancellationToken cancellationToken)
    {
        var lines = batch.Select(change => $"{change.Id} {change.After?.GetString("greeting")}\n");
        await _file!.WriteAsync(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines)), cancellationToken);

        // Returning means durable, so the bytes have to be on the disk by now.
        _file.Flush(flushToDisk: true);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? default;
}
