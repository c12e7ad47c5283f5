namespace Penstock.Redis;

/// <summary>Checks the channels or patterns of a config; connects to nothing.</summary>
public static class SubscriptionNames
{
    /// <param name="names">The names to check.</param>
    /// <param name="pointer">Where they stand in the plugin's config, such as <c>/channels</c>.</param>
    /// <param name="report">Takes the problems.</param>
    public static void Validate(IReadOnlyList<string> names, string pointer, ConfigReport report)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == 0)
            {
                report.Add($"{pointer}/{i}", "Expected a name or a pattern, found an empty string.");
            }
            else if (!seen.Add(names[i]))
            {
                report.Add($"{pointer}/{i}", $"Expected every name once, found \"{names[i]}\" again; leave one of them out.");
            }
        }
    }
}
