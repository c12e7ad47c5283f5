namespace Penstock.Sources.PostgresWal;

/// <summary>What to do when the server no longer has what follows the checkpoint.</summary>
public enum PositionLostPolicy
{
    /// <summary>Stop, and wait for an operator.</summary>
    Halt = 1,

    /// <summary>Report a loss window, and go on where the slot stands. Only forwards: a slot before the checkpoint still stops the source.</summary>
    AcceptLoss = 2,
}
