using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Penstock.Host.Tests.Sdk;

/// <summary>What keeps plugins that were built years ago loading.</summary>
public sealed class SdkSurfaceTests
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly Assembly[] Allowed = [typeof(PluginDefinition).Assembly, typeof(ILogger).Assembly];

    [Fact]
    public void Every_type_in_a_public_signature_is_the_sdk_s_the_framework_s_or_the_logging_abstractions() =>
        Assert.Empty(Strangers(typeof(PluginDefinition).Assembly.GetExportedTypes()));

    [Fact]
    public void A_stranger_in_a_signature_would_be_seen() =>
        Assert.Equal(["Planted.Stranger: Newtonsoft.Json"], Strangers([typeof(Planted)]));

    [Fact]
    public void No_public_method_has_an_optional_parameter() =>
        Assert.Empty(OptionalParameters(typeof(PluginDefinition).Assembly.GetExportedTypes()));

    [Fact]
    public void An_optional_parameter_would_be_seen() => Assert.Equal(["Planted.Optional(number)"], OptionalParameters([typeof(Planted)]));

    [Fact]
    public void No_public_type_is_a_positional_record() =>
        Assert.Empty(PositionalRecords(typeof(PluginDefinition).Assembly.GetExportedTypes()));

    [Fact]
    public void A_positional_record_would_be_seen() =>
        Assert.Equal(["PlantedRecord", "PlantedRecordStruct"], PositionalRecords([typeof(PlantedRecord), typeof(PlantedRecordStruct)]));

    [Fact]
    public void The_assembly_version_names_the_major_line_alone()
    {
        var version = typeof(PluginDefinition).Assembly.GetName().Version!;

        Assert.Equal(new Version(version.Major, 0, 0, 0), version);
    }

    static IEnumerable<string> Strangers(IEnumerable<Type> types) =>
        from type in types
        from member in type.GetMembers(Declared)
        where IsVisible(member)
        from used in TypesOf(member).SelectMany(Unfold)
        where !Allowed.Contains(used.Assembly) && !IsBcl(used.Assembly)
        select $"{type.Name}.{member.Name}: {used.Assembly.GetName().Name}";

    static IEnumerable<string> OptionalParameters(IEnumerable<Type> types) =>
        from type in types
        from method in type.GetMembers(Declared).OfType<MethodBase>()
        where IsVisible(method)
        from parameter in method.GetParameters()
        where parameter.IsOptional
        select $"{type.Name}.{method.Name}({parameter.Name})";

    // Only the compiler writes a Deconstruct whose parameters are the constructor's.
    static IEnumerable<string> PositionalRecords(IEnumerable<Type> types) =>
        from type in types
        where type.GetMethod("Deconstruct", Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true
        select type.Name;

    static bool IsBcl(Assembly assembly) =>
        Path.GetDirectoryName(assembly.Location) == Path.GetDirectoryName(typeof(object).Assembly.Location);

    static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        // Properties and events are seen through their accessors.
        _ => false,
    };

    static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType),
        FieldInfo field => [field.FieldType],
        _ => [],
    };

    static IEnumerable<Type> Unfold(Type type) => type switch
    {
        { HasElementType: true } => Unfold(type.GetElementType()!),
        { IsGenericParameter: true } => type.GetGenericParameterConstraints().SelectMany(Unfold),
        { IsGenericType: true } => [type.GetGenericTypeDefinition(), .. type.GetGenericArguments().SelectMany(Unfold)],
        _ => [type],
    };

    public sealed record PlantedRecord(int Number);

    public readonly record struct PlantedRecordStruct(int Number);

    public static class Planted
    {
        public static void Stranger(IEnumerable<Newtonsoft.Json.Linq.JToken[]> tokens) => _ = tokens;

        public static int Optional(int number = 1) => number;
    }
}
