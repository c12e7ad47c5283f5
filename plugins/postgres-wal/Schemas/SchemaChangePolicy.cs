namespace Penstock.Sources.PostgresWal;

/// <summary>What to do before the first row of a table's new shape.</summary>
public enum SchemaChangePolicy
{
    /// <summary>Tell the sinks, and go on.</summary>
    Continue = 1,

    /// <summary>Stop, and wait for an operator.</summary>
    Halt = 2,
}
