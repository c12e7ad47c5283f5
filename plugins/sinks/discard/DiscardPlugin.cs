using Penstock;
using Penstock.Sinks.Discard;

[assembly: Plugin("discard", typeof(DiscardPlugin))]

namespace Penstock.Sinks.Discard;

public sealed class DiscardPlugin : SinkPlugin<DiscardOptions>
{
    public override string Summary => "Counts events and forgets them: for measuring.";

    public override SinkTraits Traits => DiscardSink.Promise;

    public override ISink Create(DiscardOptions options, SinkContext context) => new DiscardSink();
}
