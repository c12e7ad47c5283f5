namespace Penstock.Host.Commands;

/// <summary>Reports what in the state directory cannot be read, and remembers that there was something.</summary>
sealed class StateDamage
{
    public bool IsAny { get; private set; }

    public int ExitCode => IsAny ? Host.ExitCode.FailedWhileRunning : Host.ExitCode.Done;

    public void Report(string damage)
    {
        IsAny = true;
        Console.Error.WriteLine(damage);
    }
}
