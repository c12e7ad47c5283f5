namespace Penstock.Host.Configuration;

static class ConfigFile
{
    /// <summary>The bytes of the file; null, and a problem, when there are none.</summary>
    public static byte[]? Read(string path, ProblemScope problems)
    {
        try
        {
            using var file = File.OpenRead(path);
            var text = new byte[ConfigDocument.MaxBytes + 1];
            var count = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            if (count <= ConfigDocument.MaxBytes)
            {
                return text[..count];
            }

            problems.Add(1, 1, "", $"the file is larger than {new ByteSize(ConfigDocument.MaxBytes)}; a config of that size is a mistake");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(1, 1, "", "the file does not exist; name it with -c FILE");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(1, 1, "", $"the file cannot be read: {error.Message}");
        }

        return null;
    }
}
