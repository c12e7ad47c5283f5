namespace Penstock.Benchmarks;

/// <summary>A wrong count put in on purpose, to show that a run with one does not pass.</summary>
enum Plant
{
    None,
    Host,
    Yardstick,
}
