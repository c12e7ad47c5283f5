namespace Penstock.Sources.PostgresWal;

/// <summary>Whose WAL a position is in: an LSN of another cluster, or of another history of it, means nothing.</summary>
/// <param name="SystemId">Made by initdb and kept by copies; 0 when it is not known.</param>
/// <param name="Timeline">Rises with each promotion and each recovery to a point in time; 0 when it is not known, as at a standby, whose control file lags.</param>
readonly record struct ServerIdentity(ulong SystemId, uint Timeline)
{
    public bool IsKnown => SystemId != 0;
}
