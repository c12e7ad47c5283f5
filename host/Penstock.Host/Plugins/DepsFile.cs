using System.Text.Json;

namespace Penstock.Host.Plugins;

/// <summary>
/// Checks a plugin's <c>.deps.json</c> before the runtime's own reader sees it: that one aborts the whole process over a missing
/// <c>rid</c>, and follows paths out of the folder.
/// </summary>
static class DepsFile
{
    static readonly string[] AssetGroups = ["runtime", "native", "resources", "runtimeTargets"];

    // Of two members of one name we would see the last and the runtime the first.
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static PluginProblem? Check(string file, string root)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), Strict);
            CheckDocument(document.RootElement, root);
            return null;
        }
        catch (MissingFileException exception)
        {
            return new(file, exception.Message, "put the plugin's whole publish output into the folder");
        }
        // Names with a zero character, or with half a surrogate pair, are malformed too.
        catch (Exception exception) when (exception is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            return new(file, exception.Message, "take the file as the build wrote it");
        }
    }

    static void CheckDocument(JsonElement document, string root)
    {
        Expect(document, JsonValueKind.Object, "the file");
        if (document.TryGetProperty("runtimeTarget", out var runtimeTarget) && runtimeTarget.ValueKind != JsonValueKind.String)
        {
            Expect(runtimeTarget, JsonValueKind.Object, "/runtimeTarget");
            ExpectText(runtimeTarget, "name", "/runtimeTarget");
        }

        foreach (var (library, path) in Members(document, "libraries", ""))
        {
            Expect(library.Value, JsonValueKind.Object, path);
            ExpectText(library.Value, "type", path);
            ExpectOptionalTexts(library.Value, path, "serviceable");
        }

        foreach (var (target, targetPath) in Members(document, "targets", ""))
        {
            foreach (var (library, path) in Members(target.Value, targetPath))
            {
                CheckLibrary(library, path, root);
            }
        }

        foreach (var (runtime, path) in Members(document, "runtimes", ""))
        {
            Expect(runtime.Value, JsonValueKind.Array, path);
            foreach (var fallback in runtime.Value.EnumerateArray())
            {
                Expect(fallback, JsonValueKind.String, path);
            }
        }
    }

    static void CheckLibrary(JsonProperty library, string path, string root)
    {
        Expect(library.Value, JsonValueKind.Object, path);
        foreach (var (dependency, dependencyPath) in Members(library.Value, "dependencies", path))
        {
            Expect(dependency.Value, JsonValueKind.String, dependencyPath);
        }

        foreach (var group in AssetGroups)
        {
            foreach (var (asset, assetPath) in Members(library.Value, group, path))
            {
                Expect(asset.Value, JsonValueKind.Object, assetPath);
                ExpectOptionalTexts(asset.Value, assetPath);
                CheckPath(asset.Name, assetPath, root);
                if (asset.Value.TryGetProperty("localPath", out var local))
                {
                    CheckPath(local.GetString()!, assetPath + "/localPath", root);
                }

                if (group == "runtimeTargets")
                {
                    ExpectText(asset.Value, "rid", assetPath);
                    ExpectText(asset.Value, "assetType", assetPath);
                }
                else if (group == "runtime")
                {
                    CheckPresence(asset.Name, library.Name, root);
                }
            }
        }
    }

    static void CheckPath(string asset, string path, string root)
    {
        if (asset.Length == 0 || Path.IsPathRooted(asset) || asset.Contains('\\', StringComparison.Ordinal)
            || asset.Split('/').Contains("..") || !RealPath.IsInside(root, Path.Combine(root, asset)))
        {
            throw new FormatException($"{path} names \"{asset}\", which leads out of the plugin's folder");
        }
    }

    static void CheckPresence(string asset, string library, string root)
    {
        if (!File.Exists(Path.Combine(root, Path.GetFileName(asset))) && !File.Exists(Path.Combine(root, asset)))
        {
            throw new MissingFileException($"it lists {Path.GetFileName(asset)} of {library}, which is not in the plugin's folder");
        }
    }

    static IEnumerable<(JsonProperty Member, string Path)> Members(JsonElement parent, string name, string path) =>
        parent.TryGetProperty(name, out var value) ? Members(value, $"{path}/{name}") : [];

    static IEnumerable<(JsonProperty Member, string Path)> Members(JsonElement value, string path)
    {
        Expect(value, JsonValueKind.Object, path);
        foreach (var member in value.EnumerateObject())
        {
            yield return (member, $"{path}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}");
        }
    }

    static void Expect(JsonElement value, JsonValueKind kind, string path)
    {
        if (value.ValueKind != kind)
        {
            throw new FormatException($"expected {path} to be of kind {kind}, found {value.ValueKind}");
        }
    }

    static void ExpectText(JsonElement parent, string name, string path)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            throw new FormatException($"expected {path} to have a \"{name}\", found none");
        }

        Expect(value, JsonValueKind.String, $"{path}/{name}");
    }

    // Whatever else the runtime reads of a library or an asset is text.
    static void ExpectOptionalTexts(JsonElement parent, string path, string except = "")
    {
        foreach (var member in parent.EnumerateObject())
        {
            if (member.Name != except)
            {
                Expect(member.Value, JsonValueKind.String, $"{path}/{member.Name}");
            }
        }
    }

    sealed class MissingFileException(string message) : Exception(message);
}
