using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Penstock.Host.Plugins;

/// <summary>Reads an assembly's metadata without loading it.</summary>
static class AssemblyManifestReader
{
    const string SdkVersionKey = "Penstock.Sdk.Version";
    const ushort AttributeProlog = 1;

    /// <summary>The manifest; null for a native library.</summary>
    /// <exception cref="BadImageFormatException">The file is no PE file, or its metadata is damaged.</exception>
    public static AssemblyManifest? Read(string file)
    {
        using var pe = new PEReader(File.OpenRead(file));
        if (!pe.HasMetadata || !pe.GetMetadataReader().IsAssembly)
        {
            return null;
        }

        var metadata = pe.GetMetadataReader();
        string? targetFramework = null, sdkVersion = null, version = null;
        List<PluginDeclaration> plugins = [];
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            switch (NameOf(metadata, attribute))
            {
                case "Penstock.PluginAttribute":
                    // A Type argument is stored as its name, a string like the other one.
                    var (name, type) = ReadTwo(metadata, attribute);
                    plugins.Add(new PluginDeclaration(name ?? "", type ?? "", DefinitionKind.Of(metadata, type ?? "")));
                    break;
                case "System.Runtime.Versioning.TargetFrameworkAttribute":
                    targetFramework = ReadOne(metadata, attribute);
                    break;
                case "System.Reflection.AssemblyInformationalVersionAttribute":
                    version = ReadOne(metadata, attribute);
                    break;
                case "System.Reflection.AssemblyMetadataAttribute" when ReadTwo(metadata, attribute) is (SdkVersionKey, var value):
                    sdkVersion = value;
                    break;
            }
        }

        return new AssemblyManifest
        {
            File = file,
            Name = metadata.GetAssemblyDefinition().GetAssemblyName(),
            // ReadyToRun images are not "IL only" either, but carry all of their IL.
            IsMixedMode = (pe.PEHeaders.CorHeader!.Flags & (CorFlags.ILOnly | CorFlags.ILLibrary)) == 0,
            References = [.. metadata.AssemblyReferences.Select(reference => metadata.GetAssemblyReference(reference).GetAssemblyName())],
            Plugins = plugins,
            TargetFramework = targetFramework,
            SdkVersion = sdkVersion,
            InformationalVersion = version,
        };
    }

    static string? NameOf(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
        {
            return null;
        }

        var parent = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
        {
            return null;
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    static string? ReadOne(MetadataReader metadata, CustomAttribute attribute)
    {
        var value = Open(metadata, attribute);
        return value.ReadSerializedString();
    }

    static (string? First, string? Second) ReadTwo(MetadataReader metadata, CustomAttribute attribute)
    {
        var value = Open(metadata, attribute);
        return (value.ReadSerializedString(), value.ReadSerializedString());
    }

    static BlobReader Open(MetadataReader metadata, CustomAttribute attribute)
    {
        var value = metadata.GetBlobReader(attribute.Value);
        return value.ReadUInt16() == AttributeProlog ? value : throw new BadImageFormatException("An attribute's value is damaged.");
    }
}
