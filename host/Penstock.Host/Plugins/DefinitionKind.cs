using System.Reflection.Metadata;

namespace Penstock.Host.Plugins;

/// <summary>Tells a source's definition from a sink's by its base classes, in metadata.</summary>
static class DefinitionKind
{
    /// <summary>Null when the type is not in the assembly, or a base class lies in a library of the plugin's own.</summary>
    public static PluginKind? Of(MetadataReader metadata, string typeName)
    {
        // Metadata that names a type as its own ancestor must not hold us here.
        var limit = metadata.TypeDefinitions.Count;
        for (var type = Find(metadata, typeName); !type.IsNil && limit > 0; limit--)
        {
            var parent = metadata.GetTypeDefinition(type).BaseType;
            if (parent.Kind == HandleKind.TypeSpecification)
            {
                parent = GenericDefinition(metadata, (TypeSpecificationHandle)parent);
            }

            if (parent.IsNil || parent.Kind != HandleKind.TypeDefinition)
            {
                return parent.Kind == HandleKind.TypeReference ? OfSdkType(metadata, (TypeReferenceHandle)parent) : null;
            }

            type = (TypeDefinitionHandle)parent;
        }

        return null;
    }

    static TypeDefinitionHandle Find(MetadataReader metadata, string typeName)
    {
        var dot = typeName.LastIndexOf('.');
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if (metadata.StringComparer.Equals(type.Name, typeName[(dot + 1)..])
                && metadata.StringComparer.Equals(type.Namespace, dot < 0 ? "" : typeName[..dot]))
            {
                return handle;
            }
        }

        return default;
    }

    static EntityHandle GenericDefinition(MetadataReader metadata, TypeSpecificationHandle handle)
    {
        var signature = metadata.GetBlobReader(metadata.GetTypeSpecification(handle).Signature);
        if (signature.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
        {
            return default;
        }

        signature.ReadSignatureTypeCode();
        return signature.ReadTypeHandle();
    }

    static PluginKind? OfSdkType(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return (metadata.GetString(type.Namespace), metadata.GetString(type.Name)) switch
        {
            ("Penstock", "SourcePlugin`1") => PluginKind.Source,
            ("Penstock", "SinkPlugin`1") => PluginKind.Sink,
            _ => null,
        };
    }
}
