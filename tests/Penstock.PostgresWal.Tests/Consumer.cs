using System.Globalization;
using Penstock.TestServers;

namespace Penstock.PostgresWal.Tests;

/// <summary>The host's part: reads, and reads again from the last position received.</summary>
sealed class Consumer(Setup setup, Reading reading)
{
    readonly List<int> _ids = [];
    int _count;

    public int Count => Volatile.Read(ref _count);

    public int Reconnects { get; private set; }

    public IReadOnlyList<int> Ids => _ids;

    public async Task RunAsync()
    {
        Watermark? last = null;
        while (true)
        {
            try
            {
                while (await reading.TryNextAsync() is { } message)
                {
                    last ??= reading.Start;
                    last = message switch
                    {
                        ChangeEvent change => new Watermark(change.Position) { State = last!.State },
                        Watermark watermark => watermark,
                        _ => last,
                    };
                    if (message is ChangeEvent { After: { } row })
                    {
                        _ids.Add(int.Parse(row.GetString("id")!, CultureInfo.InvariantCulture));
                        Volatile.Write(ref _count, _ids.Count);
                    }
                }

                return;
            }
            catch (PluginException e) when (e.Kind == FailureKind.Transient)
            {
                Reconnects++;
                await Eventually.BackOffAsync();
                last ??= reading.Start;
                reading = last is null ? setup.Read(reading.Source) : setup.Read(reading.Source, last);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
