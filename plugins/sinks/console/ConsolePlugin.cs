using Penstock;
using Penstock.Sinks.Console;

[assembly: Plugin("console", typeof(ConsolePlugin))]

namespace Penstock.Sinks.Console;

public sealed class ConsolePlugin : SinkPlugin<ConsoleOptions>
{
    public override string Summary => "Prints events to standard output, for a first look.";

    public override SinkTraits Traits => ConsoleSink.Promise;

    public override ISink Create(ConsoleOptions options, SinkContext context) =>
        new ConsoleSink(options.Format, System.Console.OpenStandardOutput());
}
