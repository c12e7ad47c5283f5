using System.Text;
using System.Text.Json;

namespace Penstock.Demo;

/// <summary>Reads the file as it grows and notes when each line was there.</summary>
sealed class DeliveredFile(string path, TimeProvider time)
{
    readonly List<Delivery> _deliveries = [];
    readonly List<byte> _rest = [];
    long _offset;

    public IReadOnlyList<Delivery> Deliveries => _deliveries;

    /// <summary>Takes what has arrived since the last call, for the progress line and the latencies.</summary>
    public void Poll()
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _offset;
        var bytes = new byte[file.Length - _offset];
        _offset += file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var seenAt = time.GetUtcNow();
        foreach (var b in bytes)
        {
            if (b != '\n')
            {
                _rest.Add(b);
                continue;
            }

            _deliveries.Add(Parse(Encoding.UTF8.GetString([.. _rest]), seenAt));
            _rest.Clear();
        }
    }

    /// <summary>Puts a mistake into the file itself.</summary>
    public void Spoil(Plant plant)
    {
        var lines = File.ReadAllLines(path).ToList();
        var middle = lines.Count / 2;
        switch (plant)
        {
            case Plant.Loss:
                lines.RemoveAt(middle);
                break;
            case Plant.Duplicate:
                lines.Insert(middle, lines[middle]);
                break;
            case Plant.Disorder:
                // An order's first two changes, the other way round.
                var second = lines.FindIndex(line => OrderOf(line).Version == 2);
                var first = lines.FindIndex(line => OrderOf(line).Order == OrderOf(lines[second]).Order);
                (lines[first], lines[second]) = (lines[second], lines[first]);
                break;
        }

        File.WriteAllLines(path, lines);
    }

    /// <summary>Reads the whole file as it lies there.</summary>
    public IReadOnlyList<Delivery> ReadAll() => [.. File.ReadLines(path).Select(line => Parse(line, time.GetUtcNow()))];

    OrderChange OrderOf(string line) => Parse(line, time.GetUtcNow()).Change;

    // The line is the change as the first pipeline wrote it to the stream.
    static Delivery Parse(string line, DateTimeOffset seenAt)
    {
        using var json = JsonDocument.Parse(line);
        var change = json.RootElement;
        var kind = change.GetProperty("kind").GetString()!;
        var row = change.GetProperty(kind == "delete" ? "before" : "after");
        return new Delivery(
            change.GetProperty("id").GetString()!,
            new OrderChange(row.GetProperty("id").GetInt64(), kind, row.GetProperty("version").GetInt32()),
            change.GetProperty("occurredAt").GetDateTimeOffset(),
            seenAt);
    }
}
