namespace Penstock.Repository.Tests;

/// <summary>One folder per plugin, with the same files every time.</summary>
/// <remarks>A source that feeds the subscriptions of redis-common has a feed in the place of a source.</remarks>
static class PluginFolders
{
    static readonly string[] NoPlugins = ["plugins/redis-common", "plugins/sinks"];

    public static IEnumerable<string> Violations(IReadOnlyCollection<TextFile> files)
    {
        foreach (var folder in files.Where(file => file.Name.EndsWith(".csproj", StringComparison.Ordinal) && file.IsBelow("plugins")).Select(file => file.Folder))
        {
            if (NoPlugins.Contains(folder))
            {
                continue;
            }

            var name = string.Concat(Path.GetFileName(folder).Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
            var kind = folder.StartsWith("plugins/sinks/", StringComparison.Ordinal) ? "Sink" : "Source";
            string[] expected = [$"{name}Plugin.cs", $"{name}Options.cs", Has($"{name}Feed.cs") ? $"{name}Feed.cs" : $"{name}{kind}.cs", "README.md"];
            foreach (var missing in expected.Where(file => !Has(file)))
            {
                yield return $"{folder} has no {missing}";
            }

            // pubsub is spelled PubSub in code.
            bool Has(string file) => files.Any(other => other.Path.Equals($"{folder}/{file}", StringComparison.OrdinalIgnoreCase));
        }
    }
}
