namespace Penstock.Benchmarks.Soak;

/// <summary>What is done wrong on purpose, to show that a run with it does not pass.</summary>
[Flags]
enum SoakPlant
{
    None = 0,

    /// <summary>One number is never sent.</summary>
    Loss = 1,

    /// <summary>Two numbers of one key change places.</summary>
    Disorder = 2,

    /// <summary>One number is sent twice.</summary>
    Duplicate = 4,

    /// <summary>More and more connections to the host are opened and never used.</summary>
    Leak = 8,
}
