using System.Globalization;
using System.Text.Json;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Penstock.Host.Configuration;

/// <summary>What an error of NJsonSchema means to the person who wrote the config.</summary>
static class SchemaErrors
{
    /// <summary>
    /// The errors at the bottom. Where a value fits none of several shapes, only those of the nearest shape: the others would be noise.
    /// </summary>
    public static IEnumerable<ValidationError> Flatten(IEnumerable<ValidationError> errors) => errors.SelectMany(error => error switch
    {
        ChildSchemaValidationError { Kind: ValidationErrorKind.NotAnyOf or ValidationErrorKind.NotOneOf } choice => Nearest(choice),
        ChildSchemaValidationError inner => Flatten(inner.Errors.Values.SelectMany(e => e)),
        _ => [error],
    });

    /// <summary>The property an error is about when that is not the value it points to.</summary>
    public static string? NameOf(ValidationError error) =>
        error.Kind is ValidationErrorKind.PropertyRequired or ValidationErrorKind.NoAdditionalPropertiesAllowed ? error.Property : null;

    /// <summary>One value gets one message; the most telling error comes first.</summary>
    public static int Rank(ValidationError error) => error.Kind == ValidationErrorKind.NotInEnumeration ? 0 : IsTypeError(error) ? 1 : 2;

    public static string Describe(ValidationError error, ConfigNode node)
    {
        var schema = error.Schema.ActualSchema;
        return error.Kind switch
        {
            ValidationErrorKind.PropertyRequired => $"required property {Shown.Quote(error.Property!)} is missing",
            ValidationErrorKind.NoAdditionalPropertiesAllowed => DescribeUnknown(node, schema),
            ValidationErrorKind.NotInEnumeration => DescribeEnumeration(node, schema),
            ValidationErrorKind.NumberTooSmall when schema.Minimum is { } least => $"{Shown.Value(node)} is below the minimum {Text(least)}",
            ValidationErrorKind.NumberTooSmall => $"{Shown.Value(node)} is not above {Text(schema.ExclusiveMinimum)}",
            ValidationErrorKind.NumberTooBig when schema.Maximum is { } most => $"{Shown.Value(node)} is above the maximum {Text(most)}",
            ValidationErrorKind.NumberTooBig => $"{Shown.Value(node)} is not below {Text(schema.ExclusiveMaximum)}",
            _ => $"expected {Expected(error, node, schema)}, found {Shown.Value(node)}",
        };
    }

    static string Expected(ValidationError error, ConfigNode node, JsonSchema schema) => error.Kind switch
    {
        _ when node.Traits.Unit is { } unit => unit.Expected,
        ValidationErrorKind.StringExpected => "a string",
        ValidationErrorKind.NumberExpected => "a number",
        ValidationErrorKind.IntegerExpected => "an integer",
        ValidationErrorKind.BooleanExpected => "true or false",
        ValidationErrorKind.ObjectExpected => "an object",
        ValidationErrorKind.ArrayExpected => "an array",
        ValidationErrorKind.NullExpected => "null",
        ValidationErrorKind.NoTypeValidates => TypeNames(schema.Type),
        ValidationErrorKind.PatternMismatch => $"text of the form {schema.Pattern}",
        ValidationErrorKind.StringTooShort => $"at least {Count(schema.MinLength, "character")}",
        ValidationErrorKind.StringTooLong => $"at most {Count(schema.MaxLength, "character")}",
        ValidationErrorKind.TooFewItems => $"at least {Count(schema.MinItems, "element")}",
        ValidationErrorKind.TooManyItems => $"at most {Count(schema.MaxItems, "element")}",
        ValidationErrorKind.TooFewProperties => $"at least {Count(schema.MinProperties, "entry")}",
        ValidationErrorKind.TooManyProperties => $"at most {Count(schema.MaxProperties, "entry")}",
        ValidationErrorKind.ItemsNotUnique => "elements that differ from each other",
        ValidationErrorKind.NumberNotMultipleOf => $"a multiple of {Text(schema.MultipleOf)}",
        ValidationErrorKind.NotAnyOf or ValidationErrorKind.NotOneOf => "exactly one of the allowed shapes",
        ValidationErrorKind.ExcludedSchemaValidates => "a value outside the excluded shape",
        _ => schema.Format is { Length: > 0 } format ? $"a value of format {format}" : $"another value ({error.Kind})",
    };

    static string DescribeUnknown(ConfigNode node, JsonSchema schema)
    {
        if (schema.ActualProperties.Count == 0 && schema.PatternProperties.Keys.FirstOrDefault() is { } pattern)
        {
            return $"expected a name of the form {pattern.Replace("(?:", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal)}, "
                + $"found {Shown.Quote(node.Name!)}";
        }

        var known = schema.ActualProperties.Keys.Order(StringComparer.Ordinal).ToArray();
        var hint = Suggestion.For(node.Name!, known);
        if (hint.Length == 0)
        {
            hint = known.Length == 0 ? "; no properties are allowed here" : $"; known are {string.Join(", ", known)}";
        }

        return $"unknown property {Shown.Quote(node.Name!)}{hint}";
    }

    static string DescribeEnumeration(ConfigNode node, JsonSchema schema)
    {
        var words = schema.Enumeration.Select(v => v is string text ? text : Text(v)).ToArray();
        var hint = node.IsHidden || node.Kind != JsonValueKind.String ? "" : Suggestion.For(node.Text, words);
        return $"expected {Shown.Choice([.. schema.Enumeration.Select(v => v is string s ? Shown.Quote(s) : Text(v))])}, found {Shown.Value(node)}{hint}";
    }

    static ValidationError[] Nearest(ChildSchemaValidationError choice)
    {
        var shapes = choice.Errors.Select(e => Flatten(e.Value).ToArray()).ToArray();
        var fitting = shapes.Where(s => s.Length > 0 && !s.Any(e => IsTypeError(e) && e.LineNumber == choice.LineNumber)).ToArray();
        return fitting.Length == 0 || shapes.Any(s => s.Length == 0)
            ? [choice]
            : fitting.MinBy(s => s.Sum(e => e.Kind == ValidationErrorKind.NotInEnumeration ? 100 : 1))!;
    }

    static bool IsTypeError(ValidationError error) => error.Kind
        is ValidationErrorKind.StringExpected or ValidationErrorKind.NumberExpected or ValidationErrorKind.IntegerExpected
        or ValidationErrorKind.BooleanExpected or ValidationErrorKind.ObjectExpected or ValidationErrorKind.ArrayExpected
        or ValidationErrorKind.NullExpected or ValidationErrorKind.NoTypeValidates;

    static string TypeNames(JsonObjectType type) => Shown.Choice(
    [
        .. Enum.GetValues<JsonObjectType>().Where(t => t is not (JsonObjectType.None or JsonObjectType.File) && type.HasFlag(t))
            .Select(t => t.ToString().ToLowerInvariant()),
    ]);

    static string Count(int? count, string noun) =>
        $"{count} {(count == 1 ? noun : noun.EndsWith('y') ? $"{noun[..^1]}ies" : $"{noun}s")}";

    static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
