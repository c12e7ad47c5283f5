using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Penstock.Sdk.Tests;

/// <summary>Lists what a plugin can see of an assembly, one line per member.</summary>
static class PublicApi
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    static readonly NullabilityInfoContext Nullability = new();

    public static string List(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append($"{Kind(type)} {Name(type)}{Bases(type)}\n");
            var members = type.GetMembers(Declared).Select(member => Describe(type, member)).OfType<string>();
            foreach (var member in members.Order(StringComparer.Ordinal))
            {
                text.Append($"  {member}\n");
            }
        }

        return text.ToString();
    }

    static string? Describe(Type type, MemberInfo member) => member switch
    {
        FieldInfo field when type.IsEnum && field.IsLiteral => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}",
        FieldInfo field when IsVisible(field.Attributes) && !type.IsEnum =>
            (field.IsLiteral ? "const" : "field") + $" {Name(field.FieldType)} {field.Name}" + (field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : ""),
        ConstructorInfo made when IsVisible(made) => $"constructor({Parameters(made)})",
        MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && !IsGenerated(method) =>
            $"{Modifiers(method)}method {Name(method.ReturnType, Nullability.Create(method.ReturnParameter))} {method.Name}({Parameters(method)})",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) =>
            $"{Modifiers(property.GetAccessors(nonPublic: true)[0])}property {Name(property.PropertyType, Nullability.Create(property))} {property.Name} {{ {Accessors(property)} }}"
            + (property.IsDefined(typeof(RequiredMemberAttribute)) ? " required" : ""),
        EventInfo made => $"event {made.Name}",
        _ => null,
    };

    static string Accessors(PropertyInfo property)
    {
        var set = property.SetMethod is { } setter && IsVisible(setter)
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; "
            : "";
        return $"{(property.GetMethod is { } getter && IsVisible(getter) ? "get; " : "")}{set}".TrimEnd();
    }

    static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        (p.IsOut ? "out " : "") + $"{Name(p.ParameterType, Nullability.Create(p))} {p.Name}" + (p.HasDefaultValue ? $" = {Literal(p.DefaultValue)}" : "")));

    static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static " : method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } && method.GetBaseDefinition() == method ? "virtual " : "";

    static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class" : "class";

    static string Bases(Type type)
    {
        var bases = type.GetInterfaces().Where(i => i.IsPublic).OrderBy(i => i.FullName, StringComparer.Ordinal).Select(i => Name(i));
        if (type.IsEnum)
        {
            return "";
        }

        string[] all = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [Name(parent), .. bases] : [.. bases];
        return all.Length == 0 ? "" : $" : {string.Join(", ", all)}";
    }

    static string Name(Type type, NullabilityInfo? nullability = null)
    {
        var mark = !type.IsValueType && nullability is { ReadState: NullabilityState.Nullable } ? "?" : "";
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!) + mark;
        }

        if (!type.IsGenericType)
        {
            return (type.FullName ?? type.Name) + mark;
        }

        var name = type.GetGenericTypeDefinition().FullName!;
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(t => Name(t)))}>{mark}";
    }

    static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        _ => FormattableString.Invariant($"{value}"),
    };

    static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    static bool IsVisible(FieldAttributes attributes) => (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    static bool IsGenerated(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute));
}
