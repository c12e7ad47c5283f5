using Penstock.Runtime;

namespace Penstock.Host.Commands;

/// <summary><c>penstock positions show</c>: reads the state directory, without its lock.</summary>
static class PositionsShow
{
    public static int Run(string stateDirectory, string? pipeline, bool json, RuntimeServices services)
    {
        var damage = new StateDamage();
        var checkpoints = SourceCheckpoint.FindAll(stateDirectory, pipeline).Select(place => Read(place, services, damage)).OfType<SourceCheckpoint>().ToArray();
        if (json)
        {
            PositionJson.Write(checkpoints);
        }
        else
        {
            Array.ForEach(checkpoints, Print);
            if (checkpoints.Length == 0)
            {
                Console.WriteLine($"no positions in {stateDirectory}");
            }
        }

        return damage.ExitCode;
    }

    static SourceCheckpoint? Read((string Directory, string Pipeline, string Source) place, RuntimeServices services, StateDamage damage)
    {
        try
        {
            return SourceCheckpoint.Read(place, services);
        }
        catch (Exception failure) when (failure is PipelineFailureException or IOException or UnauthorizedAccessException)
        {
            damage.Report(failure.Message);
            return null;
        }
    }

    static void Print(SourceCheckpoint checkpoint)
    {
        var name = $"{checkpoint.Pipeline}/{checkpoint.Source}";
        var reset = checkpoint.IsReset ? "  (reset, not started since)" : "";
        if (checkpoint.Partitions.Count == 0)
        {
            Console.WriteLine($"{name}  start{reset}");
        }

        foreach (var watermark in checkpoint.Partitions)
        {
            Console.WriteLine($"{name}  {Printable.Of(watermark.Position.ToString())}{reset}");
        }

        foreach (var cursor in checkpoint.Sinks)
        {
            Console.WriteLine($"  → {cursor.Sink}  {string.Join("  ", cursor.Settled.Select(position => Printable.Of(position.ToString())))}");
        }
    }
}
