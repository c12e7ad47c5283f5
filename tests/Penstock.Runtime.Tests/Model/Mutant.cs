namespace Penstock.Runtime.Tests.Model;

/// <summary>A mistake planted around the production code.</summary>
enum Mutant
{
    None,

    /// <summary>Everything read counts as settled.</summary>
    AckOnRead,

    /// <summary>The highest settled sequence instead of the contiguous one.</summary>
    Max,

    /// <summary>One sink is enough.</summary>
    AnySink,

    /// <summary>The source emits a transaction's watermark before its last event.</summary>
    MidTransaction,

    /// <summary>A refused event settles first, its letter is written later.</summary>
    LetterLate,

    /// <summary>The source is acknowledged before the checkpoint is saved.</summary>
    ConfirmFirst,

    /// <summary>A sink reports one position for all its lanes.</summary>
    OnePosition,

    /// <summary>Other lanes without the replay with those of before.</summary>
    NoReplay,
}
