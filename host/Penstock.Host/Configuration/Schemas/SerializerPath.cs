namespace Penstock.Host.Configuration;

/// <summary>System.Text.Json names places as <c>$.tls['a.b'][0]</c>.</summary>
static class SerializerPath
{
    public static string ToPointer(string? path)
    {
        var pointer = "";
        for (var at = 1; path is not null && at < path.Length;)
        {
            var isQuoted = path.AsSpan(at).StartsWith("['");
            var start = at + (isQuoted ? 2 : 1);
            var end = isQuoted ? path.IndexOf("']", start, StringComparison.Ordinal)
                : path[at] == '[' ? path.IndexOf(']', start)
                : path.AsSpan(start).IndexOfAny('.', '[') is var next and >= 0 ? start + next : path.Length;
            if (end < 0)
            {
                break;
            }

            pointer = JsonPointer.Append(pointer, path[start..end]);
            at = end + (isQuoted ? 2 : path[at] == '[' ? 1 : 0);
        }

        return pointer;
    }
}
