namespace Penstock.Demo;

/// <summary>What the command line asks for.</summary>
sealed record DemoOptions(int Changes, int Writers, bool Forever, Plant Plant)
{
    const string Usage = "usage: make demo [ARGS=\"[--changes N] [--writers N] [--forever] [--plant loss|duplicate|disorder]\"]";

    public static DemoOptions? Parse(string[] args)
    {
        var options = new DemoOptions(Changes: 20_000, Writers: 8, Forever: false, Plant.None);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--forever":
                    options = options with { Forever = true };
                    continue;
                case "--changes" when int.TryParse(value, out var changes) && changes > 0:
                    options = options with { Changes = changes };
                    break;
                case "--writers" when int.TryParse(value, out var writers) && writers > 0:
                    options = options with { Writers = writers };
                    break;
                case "--plant" when Enum.TryParse<Plant>(value, ignoreCase: true, out var plant):
                    options = options with { Plant = plant };
                    break;
                default:
                    Console.Error.WriteLine($"unknown argument \"{args[i]}\"; {Usage}");
                    return null;
            }

            i++;
        }

        return options;
    }
}
