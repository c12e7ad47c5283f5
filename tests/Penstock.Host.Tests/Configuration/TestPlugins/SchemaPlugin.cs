namespace Penstock.Host.Tests.Configuration;

/// <summary>A sink that brings its schema.</summary>
sealed class SchemaPlugin<TOptions>(string? schema) : SinkPlugin<TOptions>
    where TOptions : class
{
    public override string Summary => "Brings its schema.";

    public override string? Schema => schema;

    public override SinkTraits Traits => new() { Durability = Durability.None };

    public override ISink Create(TOptions options, SinkContext context) => throw new InvalidOperationException("validation creates nothing");
}
