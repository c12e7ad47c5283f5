namespace Penstock.Runtime.Tests.Model;

enum StepKind : byte
{
    /// <summary>The source yields; the pump stamps, routes, and hands over when there is nothing more.</summary>
    Read = 1,

    /// <summary>A lane gathers a batch and writes it; the sink has it, the lane does not know. A poisoned event becomes a durable letter.</summary>
    Write,

    /// <summary>The sink's answer arrives: the lane settles.</summary>
    Settle,

    /// <summary>The committer takes what is reached and saves it; the acknowledgement is on its way.</summary>
    Commit,

    /// <summary>The same, and the disk refuses.</summary>
    SaveFails,

    /// <summary>The acknowledgement reaches the source's server.</summary>
    Confirm,

    /// <summary>The server puts the confirmed position on its disk.</summary>
    Persist,

    HostCrash,

    /// <summary>A crash, and before the restart somebody changes the lanes in the config.</summary>
    HostCrashAndOtherLanes,

    /// <summary>The host dies amid the steps of a checkpoint.</summary>
    CrashWhileSaving,

    /// <summary>The server dies and comes back with the confirmed position it had persisted; the host reconnects.</summary>
    SourceCrash,

    /// <summary>Somebody asks the host to stop: reading ends, what was read is delivered.</summary>
    Stop,

    /// <summary>All that the sinks held is replayed with the lanes of before: reading ends for the switch.</summary>
    StopCaughtUp,

    /// <summary>All is drained and committed: the last checkpoint, and the next start.</summary>
    Finish,

    /// <summary>Planted: a letter that was not written when its event was settled is written now.</summary>
    LateLetter,

    /// <summary>Planted: a checkpoint is saved after its acknowledgement.</summary>
    LateSave,
}
