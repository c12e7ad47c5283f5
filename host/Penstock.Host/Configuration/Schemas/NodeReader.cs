using System.Globalization;
using System.Text.Json;
using Newtonsoft.Json;

namespace Penstock.Host.Configuration;

/// <summary>
/// Reads a <see cref="ConfigNode"/> as Newtonsoft tokens. The "line" of each token is the number of its node: the library copies it into
/// its errors, which leads back to the node even where the error's path is ambiguous (names with dots).
/// </summary>
sealed class NodeReader : JsonReader, IJsonLineInfo
{
    readonly IEnumerator<(JsonToken Token, object? Value, int Node)> _tokens;

    public NodeReader(ConfigNode node)
    {
        _tokens = Tokens(node).GetEnumerator();
        DateParseHandling = DateParseHandling.None;
    }

    public int LineNumber => _tokens.Current.Node;

    public int LinePosition => 1;

    public bool HasLineInfo() => true;

    public override bool Read()
    {
        if (!_tokens.MoveNext())
        {
            SetToken(JsonToken.None);
            return false;
        }

        SetToken(_tokens.Current.Token, _tokens.Current.Value);
        return true;
    }

    static IEnumerable<(JsonToken, object?, int)> Tokens(ConfigNode node)
    {
        if (node.Kind is JsonValueKind.Object or JsonValueKind.Array)
        {
            var isObject = node.Kind == JsonValueKind.Object;
            yield return (isObject ? JsonToken.StartObject : JsonToken.StartArray, null, node.Id);
            foreach (var child in node.Children)
            {
                if (isObject)
                {
                    yield return (JsonToken.PropertyName, child.Name, child.Id);
                }

                foreach (var token in Tokens(child))
                {
                    yield return token;
                }
            }

            yield return (isObject ? JsonToken.EndObject : JsonToken.EndArray, null, node.Id);
            yield break;
        }

        yield return node.Kind switch
        {
            JsonValueKind.String => (JsonToken.String, node.Text, node.Id),
            JsonValueKind.Number => Number(node),
            JsonValueKind.True or JsonValueKind.False => (JsonToken.Boolean, node.Kind == JsonValueKind.True, node.Id),
            _ => (JsonToken.Null, null, node.Id),
        };
    }

    // The library cannot convert integers beyond 64 bits; they are reported before it runs.
    static (JsonToken, object?, int) Number(ConfigNode node)
    {
        if (long.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
        {
            return (JsonToken.Integer, integer, node.Id);
        }

        return (JsonToken.Float, double.Parse(node.Text, CultureInfo.InvariantCulture), node.Id);
    }
}
