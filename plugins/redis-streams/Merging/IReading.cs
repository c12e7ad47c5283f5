namespace Penstock.Sources.RedisStreams;

/// <summary>One connection's share of the streams.</summary>
interface IReading
{
    /// <summary>What it reads, for the log.</summary>
    string Streams { get; }

    /// <summary>Reads until it is stopped or fails; may be called again then.</summary>
    IAsyncEnumerable<SourceMessage> ReadAsync(CancellationToken stopReading);
}
