namespace Penstock.Host.Configuration;

/// <summary>Who has to act on a problem, and therefore how <c>penstock</c> exits.</summary>
enum ConfigProblemKind
{
    /// <summary>The file is wrong: nothing runs, exit code 2.</summary>
    Config = 1,

    /// <summary>A plugin is missing or broken: its pipeline does not run, the others do, exit code 3.</summary>
    Plugin = 2,
}
