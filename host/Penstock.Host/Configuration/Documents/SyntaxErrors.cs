using System.Text.Json;

namespace Penstock.Host.Configuration;

/// <summary>What System.Text.Json says about a broken file, without the text it quotes: that may be a secret.</summary>
static class SyntaxErrors
{
    public static string Describe(JsonException error)
    {
        var message = error.Message;
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        message = (end < 0 ? message : message[..end]).TrimEnd();
        if (message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return $"objects and arrays are nested deeper than {ConfigDocument.MaxDepth}";
        }

        var quoteEnd = message.StartsWith('\'') ? message.LastIndexOf("' is ", StringComparison.Ordinal) : -1;
        if (quoteEnd < 0 || (quoteEnd == 2 && !char.IsLetterOrDigit(message[1])))
        {
            return message;
        }

        return $"the text here{message[(quoteEnd + 1)..]}";
    }
}
