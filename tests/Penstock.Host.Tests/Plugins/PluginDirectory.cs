using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using Penstock.Host.Plugins;
using Penstock.TestServers;

namespace Penstock.Host.Tests.Plugins;

/// <summary>A plugin directory to fill with fixtures, spoil, and open.</summary>
sealed class PluginDirectory : IDisposable
{
    readonly TempDirectory _directory = new("plugins");

    public RecordingLogger<PluginCatalog> Log { get; } = new();

    public string Root => _directory.Path;

    public string PathOf(params ReadOnlySpan<string> parts) => _directory.Combine(parts);

    /// <summary>Copies a fixture's output into a folder and returns the path of the plugin's DLL.</summary>
    public string Add(string fixture, string? folder = null)
    {
        var target = PathOf(folder ?? fixture);
        CopyTree(BuildFacts.Fixture(fixture), target);
        return Path.Combine(target, fixture + ".dll");
    }

    /// <summary>Copies a fixture's DLL alone into the directory.</summary>
    public string AddBare(string fixture)
    {
        var target = PathOf(fixture + ".dll");
        File.Copy(Path.Combine(BuildFacts.Fixture(fixture), fixture + ".dll"), target);
        return target;
    }

    public PluginCatalog Open() => PluginCatalog.Open([Root], Log);

    public void Dispose() => _directory.Dispose();

    public static void CopyTree(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Replaces a text that occurs exactly once in a file, in a DLL by one of the same length.</summary>
    public static void Replace(string file, string old, string replacement)
    {
        var content = Encoding.Latin1.GetString(File.ReadAllBytes(file));
        var at = content.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0 && content.IndexOf(old, at + 1, StringComparison.Ordinal) < 0, $"\"{old}\" occurs not exactly once in {file}.");
        Assert.True(old.Length == replacement.Length || !file.EndsWith(".dll", StringComparison.Ordinal), "A DLL keeps its length.");
        File.WriteAllBytes(file, Encoding.Latin1.GetBytes(content.Replace(old, replacement, StringComparison.Ordinal)));
    }

    /// <summary>Marks an assembly as one that contains native code.</summary>
    public static void ClearIlOnly(string file)
    {
        var image = File.ReadAllBytes(file);
        using var pe = new PEReader(new MemoryStream(image));
        const int FlagsOffset = 16;
        image[pe.PEHeaders.CorHeaderStartOffset + FlagsOffset] &= 0xFE;
        File.WriteAllBytes(file, image);
    }

    /// <summary>Makes an assembly reference ask for another major version.</summary>
    public static void SetReferenceMajor(string file, string reference, ushort major)
    {
        var image = File.ReadAllBytes(file);
        using var pe = new PEReader(new MemoryStream(image));
        var metadata = pe.GetMetadataReader();
        var handle = metadata.AssemblyReferences.Single(row => metadata.GetString(metadata.GetAssemblyReference(row).Name) == reference);
        var offset = pe.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
            + ((MetadataTokens.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
        BitConverter.TryWriteBytes(image.AsSpan(offset), major);
        File.WriteAllBytes(file, image);
    }
}
