namespace Penstock.Host.Tests.Configuration;

sealed class PrintPlugin : SinkPlugin<PrintOptions>
{
    public override string Summary => "Prints.";

    public override SinkTraits Traits => new() { Durability = Durability.None, MaxLanes = 4 };

    public override ISink Create(PrintOptions options, SinkContext context) => throw new InvalidOperationException("validation creates nothing");
}
