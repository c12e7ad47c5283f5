using System.CommandLine;
using Penstock.Runtime.Losses;

namespace Penstock.Host.Commands;

/// <summary><c>penstock losses list</c>: reads the state directory, without its lock.</summary>
sealed class LossesCommand : ICliCommand
{
    public Command Create()
    {
        var (config, json) = (CommonOptions.Config(), CommonOptions.Json());
        var list = new Command("list", "Lists the intervals in which a source may have missed events.") { config, json };
        list.SetAction(parsed => List(parsed.GetValue(config)!, parsed.GetValue(json)));
        return new Command("losses", "Shows what may have been lost.") { list };
    }

    static int List(string configFile, bool json)
    {
        if (ConfigReader.FindStateDirectory(configFile) is not { } state)
        {
            return ExitCode.Config;
        }

        var damage = new StateDamage();
        var losses = LossLog.ReadAll(state, damage.Report);
        Print(losses, json);
        if (losses.Count == 0 && !json)
        {
            Console.WriteLine($"no loss windows in {state}");
        }

        return damage.ExitCode;
    }

    static void Print(IReadOnlyList<(string Pipeline, RecordedLoss Loss)> losses, bool json)
    {
        if (json)
        {
            JsonAnswer.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (var (_, loss) in losses)
                {
                    LossJson.Write(writer, loss);
                }

                writer.WriteEndArray();
            });
            return;
        }

        foreach (var (pipeline, loss) in losses)
        {
            var window = loss.Window;
            var closed = window.ClosedAt is { } at ? $"{at.UtcDateTime:O} ({(at - window.OpenedAt).TotalSeconds:0.###} s)" : "still open";
            var missed = window.Missed is { } count ? $"{count} missed" : window.IsCertain ? "events may be missing" : "events may be missing, its end is not proven";
            Console.WriteLine(
                $"{pipeline}/{loss.Source}  {LossJson.Name(window.Cause)}  {Printable.Of(window.Node)} {Printable.Of(window.Subject)}  {window.OpenedAt.UtcDateTime:O} to {closed}  {missed}  {Printable.Of(window.Detail)}");
        }
    }
}
