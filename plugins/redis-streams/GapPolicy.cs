namespace Penstock.Sources.RedisStreams;

/// <summary>What a loss of entries means for the reading.</summary>
public enum GapPolicy
{
    /// <summary>It is reported, and reading goes on behind it.</summary>
    Continue = 1,

    /// <summary>It is reported, and the pipeline stops until an operator has decided.</summary>
    Halt = 2,
}
