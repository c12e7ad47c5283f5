namespace Penstock.Benchmarks.Loads;

/// <summary>Sends numbered events when they are due.</summary>
interface ILoad
{
    /// <summary>How many numbers one send carries; each send is due once.</summary>
    int PerSend { get; }

    /// <summary>Sends the numbers from <paramref name="first"/>, and ends when all are sent.</summary>
    Task RunAsync(Pace pace, long first, long sends);
}
