namespace Penstock.Host.Tests.Configuration;

/// <summary>A sink that stores positions, unless its options say otherwise.</summary>
sealed class StorePlugin : SinkPlugin<PrintOptions>
{
    public override string Summary => "Stores positions while it prints without colours.";

    public override SinkTraits Traits => new() { Durability = Durability.Flushed, StoresPositions = true };

    public override SinkTraits GetTraits(PrintOptions options) => options.Colours ? new SinkTraits { Durability = Durability.Flushed } : Traits;

    public override ISink Create(PrintOptions options, SinkContext context) => throw new InvalidOperationException("validation creates nothing");
}
