using System.CommandLine;

namespace Penstock.Host.Commands;

/// <summary>One verb of the command line. Every implementation in this assembly is found and offered.</summary>
interface ICliCommand
{
    Command Create();
}
