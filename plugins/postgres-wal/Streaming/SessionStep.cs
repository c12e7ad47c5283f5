namespace Penstock.Sources.PostgresWal;

enum SessionStep
{
    /// <summary>A message was decoded; there may be events to take.</summary>
    Decoded,

    /// <summary>Nothing came for a status interval.</summary>
    Quiet,

    /// <summary>Nothing came for as long as the caller would wait.</summary>
    Interrupted,

    /// <summary>Reading was to stop; the connection still lives.</summary>
    Stopped,

    /// <summary>The server ended the stream.</summary>
    Ended,
}
