using System.Text;

namespace Penstock.Host.Configuration;

/// <summary>Finds the value of one reference, or reports why there is none.</summary>
sealed class ReferenceResolver(Func<string, string?> environment, string baseDirectory)
{
    public const string Forms = "expected ${env:NAME}, ${env:NAME:-default} or ${file:PATH}; write $${ for a plain ${";
    const int MaxFileBytes = 1 << 16;

    static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // What stands between the braces may be a piece of a secret that happens to look like a reference: only names of variables and
    // files are ever shown.
    public string Resolve(string reference, ConfigNode node, ProblemScope problems)
    {
        if (reference.StartsWith("env:", StringComparison.Ordinal))
        {
            return ResolveVariable(reference[4..], node, problems);
        }

        if (reference.StartsWith("file:", StringComparison.Ordinal))
        {
            return ReadFile(reference[5..], node, problems);
        }

        problems.At(node, $"unknown kind of reference; {Forms}");
        return "";
    }

    string ResolveVariable(string reference, ConfigNode node, ProblemScope problems)
    {
        var split = reference.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? reference : reference[..split];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            problems.At(node, $"the name of an environment variable has letters, digits and underscores only; {Forms}");
            return "";
        }

        var value = environment(name);
        if (split >= 0)
        {
            return string.IsNullOrEmpty(value) ? reference[(split + 2)..] : value;
        }

        if (value is null)
        {
            problems.At(node, $"environment variable {name} is not set; set it, or give a default: ${{env:{name}:-default}}");
        }

        return value ?? "";
    }

    string ReadFile(string path, ConfigNode node, ProblemScope problems)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            problems.At(node, $"a file reference lacks its path; {Forms}");
            return "";
        }

        var full = Path.GetFullPath(path, baseDirectory);
        try
        {
            // Not the file's length: a pipe or device has none.
            using var file = File.OpenRead(full);
            var bytes = new byte[MaxFileBytes + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count <= MaxFileBytes)
            {
                var text = StrictUtf8.GetString(bytes, 0, count);
                return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            }

            problems.At(node, $"file {Shown.Quote(full)} is larger than {new ByteSize(MaxFileBytes)}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.At(node, $"file {Shown.Quote(full)} does not exist");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.At(node, $"file {Shown.Quote(full)} cannot be read: it must be a file that this user may read");
        }
        catch (DecoderFallbackException)
        {
            problems.At(node, $"file {Shown.Quote(full)} holds bytes that are not UTF-8 text");
        }

        return "";
    }
}
