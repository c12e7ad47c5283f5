using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Penstock.Runtime.Snapshots;

/// <summary>A request for snapshots: a file beside the checkpoint of its source, there until the checkpoint holds that they have begun.</summary>
static class SnapshotRequestFile
{
    const int Version = 1;
    const string Infix = ".snapshot-request.";
    const string Unfinished = ".new";

    /// <summary>Writes a request. Returning means durable.</summary>
    /// <param name="directory">The pipeline's folder in the state directory; is made when it is missing.</param>
    /// <param name="source">The source's name.</param>
    /// <param name="subjects">What to read.</param>
    /// <param name="now">Names the file: requests are served in this order.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static string Write(string directory, string source, IReadOnlyList<string> subjects, DateTimeOffset now)
    {
        Make(directory);
        var target = Path.Combine(directory, $"{source}{Infix}{now.UtcTicks.ToString("D19", CultureInfo.InvariantCulture)}-{Guid.NewGuid():N}");
        using (var file = File.OpenHandle(target + Unfinished, FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, Text(subjects, now), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(target + Unfinished, target);
        DirectoryFlush.ToDisk(directory);
        return target;
    }

    /// <summary>The requests for a source, oldest first.</summary>
    public static string[] Find(string directory, string source) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory, $"{source}{Infix}*").Where(file => !file.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>What is asked for.</summary>
    /// <exception cref="FormatException">The file is no request.</exception>
    public static IReadOnlyList<string> Read(string file)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var version = json.RootElement.GetProperty("v").GetInt32();
            return version == Version
                ? [.. json.RootElement.GetProperty("subjects").EnumerateArray().Select(subject => subject.GetString()!)]
                : throw new FormatException($"it has version {version}, this host reads version {Version}");
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    public static void Remove(string file)
    {
        File.Delete(file);
        DirectoryFlush.ToDisk(Path.GetDirectoryName(file)!);
    }

    static byte[] Text(IReadOnlyList<string> subjects, DateTimeOffset now)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("v", Version);
            json.WriteString("at", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("by", Environment.UserName);
            json.WriteStartArray("subjects");
            foreach (var subject in subjects)
            {
                json.WriteStringValue(subject);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.WrittenSpan.ToArray();
    }

    static void Make(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            // As the host makes its own: nobody else's business.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
