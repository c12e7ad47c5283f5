namespace Penstock.EndToEnd.Tests;

/// <summary>What stands in a file of lines so far, without a last one that is still being written.</summary>
static class WholeLines
{
    /// <summary>None while there is no such file.</summary>
    public static string[] Of(string file)
    {
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
