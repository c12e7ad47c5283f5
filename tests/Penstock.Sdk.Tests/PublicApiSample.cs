namespace Penstock.Sdk.Tests;

/// <summary>What the listing of a public surface must show, and what it must not.</summary>
public sealed class PublicApiSample
{
    public const string Word = "x";

    public required int Size { get; init; }

    internal int Hidden { get; set; }

    public string? Find(string name, int count = 7) => count == Size ? name : Word;
}
