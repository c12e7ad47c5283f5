using System.Text.Json;

namespace Penstock;

/// <summary>The native format's names, encoded once.</summary>
static class Names
{
    public static readonly JsonEncodedText Version = JsonEncodedText.Encode("v");
    public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    public static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
    public static readonly JsonEncodedText Delivery = JsonEncodedText.Encode("delivery");
    public static readonly JsonEncodedText Subject = JsonEncodedText.Encode("subject");
    public static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    public static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    public static readonly JsonEncodedText KeyBase64 = JsonEncodedText.Encode("keyBase64");
    public static readonly JsonEncodedText Before = JsonEncodedText.Encode("before");
    public static readonly JsonEncodedText After = JsonEncodedText.Encode("after");
    public static readonly JsonEncodedText Unchanged = JsonEncodedText.Encode("unchanged");
    public static readonly JsonEncodedText Nulls = JsonEncodedText.Encode("nulls");
    public static readonly JsonEncodedText BeforeNulls = JsonEncodedText.Encode("beforeNulls");
    public static readonly JsonEncodedText Base64 = JsonEncodedText.Encode("base64");
    public static readonly JsonEncodedText Position = JsonEncodedText.Encode("position");
    public static readonly JsonEncodedText OccurredAt = JsonEncodedText.Encode("occurredAt");
    public static readonly JsonEncodedText Transaction = JsonEncodedText.Encode("transaction");
    public static readonly JsonEncodedText Index = JsonEncodedText.Encode("index");
    public static readonly JsonEncodedText Last = JsonEncodedText.Encode("last");
    public static readonly JsonEncodedText Headers = JsonEncodedText.Encode("headers");

    static readonly JsonEncodedText[] Kinds = Encode("", "insert", "update", "delete", "truncate", "message", "snapshot");
    static readonly JsonEncodedText[] Guarantees = Encode("", "at-most-once", "at-least-once");

    public static JsonEncodedText Of(ChangeKind kind) => Kinds[(int)kind];

    public static JsonEncodedText Of(DeliveryGuarantee guarantee) => Guarantees[(int)guarantee];

    static JsonEncodedText[] Encode(params ReadOnlySpan<string> names)
    {
        var encoded = new JsonEncodedText[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            encoded[i] = JsonEncodedText.Encode(names[i]);
        }

        return encoded;
    }
}
