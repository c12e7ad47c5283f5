namespace Penstock.Host;

/// <summary>What the process tells its caller. A run that ends in several of them reports the highest.</summary>
static class ExitCode
{
    public const int Done = 0;
    public const int FailedWhileRunning = 1;
    public const int Config = 2;
    public const int Plugin = 3;
    public const int PositionLost = 4;
}
