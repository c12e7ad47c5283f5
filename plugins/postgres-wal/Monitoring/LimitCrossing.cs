namespace Penstock.Sources.PostgresWal;

enum LimitCrossing
{
    None,

    /// <summary>Now above four fifths of the limit.</summary>
    Near,

    /// <summary>Now above the limit.</summary>
    Beyond,
}
