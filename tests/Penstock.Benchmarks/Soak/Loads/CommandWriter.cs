using Penstock.Benchmarks.Loads;

namespace Penstock.Benchmarks.Soak.Loads;

/// <summary>One Redis command per event, on one connection: the numbers 0, 1, 2, … when they are due.</summary>
sealed class CommandWriter(int port, Gate gate, SoakPlant plant, params string[] command)
{
    // Where things go wrong when they are to: behind the beginning, on a multiple of every number of keys.
    const long PlantedAt = 8_000;
    const int MostAtOnce = 512;

    long _sent;
    long _answers;

    /// <summary>Numbers that the server has taken.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The sum of the server's answers, where they are numbers: for PUBLISH, to how many subscribers it gave a message.</summary>
    public long Answers => _answers;

    public Task RunAsync() => LoadThread.Start(Run);

    void Run()
    {
        using var redis = new Resp(port);
        var one = Resp.Command(command);
        var marker = one.AsSpan().IndexOf(Marker.Prefix);
        var countsAnswers = command[0] == "PUBLISH";
        var commands = new byte[one.Length * MostAtOnce];
        for (var first = 0L; gate.Await(first, MostAtOnce - 1) is var count and > 0; first += count)
        {
            var filled = 0;
            for (var number = first; number < first + count; number++)
            {
                foreach (var planted in Numbers(number))
                {
                    var target = commands.AsSpan(filled++ * one.Length, one.Length);
                    one.CopyTo(target);
                    Marker.Write(target[marker..], planted);
                }
            }

            redis.Send(commands.AsSpan(0, filled * one.Length));
            if (countsAnswers)
            {
                for (var i = 0; i < filled; i++)
                {
                    _answers += redis.ReadNumber();
                }
            }
            else
            {
                redis.Skip(filled);
            }

            Volatile.Write(ref _sent, first + count);
        }
    }

    ReadOnlySpan<long> Numbers(long number) => number switch
    {
        PlantedAt when plant.HasFlag(SoakPlant.Loss) => [],
        PlantedAt + 2 when plant.HasFlag(SoakPlant.Duplicate) => new long[] { number, number },
        PlantedAt + 4 when plant.HasFlag(SoakPlant.Disorder) => new long[] { number + 1 },
        PlantedAt + 5 when plant.HasFlag(SoakPlant.Disorder) => new long[] { number - 1 },
        _ => new long[] { number },
    };
}
