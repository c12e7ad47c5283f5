using System.Text.Json;

namespace Penstock.Host.Plugins;

/// <summary>Checks that the host runs on every shared framework a plugin's <c>.runtimeconfig.json</c> asks for: a plugin cannot add one.</summary>
static class RuntimeConfigFile
{
    public static PluginProblem? Check(string assembly, SharedAssemblies shared)
    {
        var file = Path.ChangeExtension(assembly, ".runtimeconfig.json");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var unknown = FrameworksOf(document.RootElement).FirstOrDefault(name => !shared.Frameworks.Contains(name));
            return unknown is null
                ? null
                : new(
                    file,
                    $"it needs the shared framework {unknown}, this host has {string.Join(" and ", shared.Frameworks)}",
                    "build the plugin without that framework; a plugin cannot add one to the process");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new(file, $"it is no runtime configuration: {exception.Message}", "take the file as the build wrote it");
        }
    }

    static IEnumerable<string> FrameworksOf(JsonElement document)
    {
        var options = document.GetProperty("runtimeOptions");
        if (options.TryGetProperty("framework", out var one))
        {
            yield return one.GetProperty("name").GetString() ?? "";
        }

        if (options.TryGetProperty("frameworks", out var many))
        {
            foreach (var framework in many.EnumerateArray())
            {
                yield return framework.GetProperty("name").GetString() ?? "";
            }
        }
    }
}
