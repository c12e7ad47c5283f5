namespace Penstock.Host.Configuration;

/// <summary>One thing that is wrong with a config.</summary>
/// <param name="File">The config file as the user named it.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in UTF-16 code units, from 1.</param>
/// <param name="Pointer">The JSON pointer (RFC 6901) of the value; empty for the whole file.</param>
/// <param name="Message">What was expected, what was found, what to do. Never a secret, never an interpolated value.</param>
/// <param name="Kind">Who has to act.</param>
sealed record ConfigProblem(string File, int Line, int Column, string Pointer, string Message, ConfigProblemKind Kind)
{
    /// <summary>The pipeline that is wrong; null when the problem concerns the whole file.</summary>
    public string? Pipeline { get; init; }

    /// <summary>Name and version of the plugin whose rule was broken; null when it is the host's own rule.</summary>
    public string? Plugin { get; init; }

    /// <summary>Two lines: where, and what.</summary>
    public override string ToString() =>
        $"{File}:{Line}:{Column} {(Pointer.Length == 0 ? "/" : Pointer)}\n  {Message}{(Plugin is null ? "" : $" [{Plugin}]")}";
}
