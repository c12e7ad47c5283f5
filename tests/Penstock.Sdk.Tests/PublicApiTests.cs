namespace Penstock.Sdk.Tests;

public sealed class PublicApiTests
{
    const string Update = "PENSTOCK_UPDATE_PUBLIC_API";

    [Fact]
    public void The_public_surface_changes_only_on_purpose()
    {
        var actual = PublicApi.List(typeof(ChangeEvent).Assembly);
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 } path)
        {
            File.WriteAllText(path, actual);
        }

        using var stream = typeof(PublicApiTests).Assembly.GetManifestResourceStream("PublicApi.txt")!;
        using var reader = new StreamReader(stream);
        var expected = reader.ReadToEnd();
        var removed = expected.Split('\n').Except(actual.Split('\n'));
        var added = actual.Split('\n').Except(expected.Split('\n'));
        Assert.True(
            expected == actual,
            $"The public surface of Penstock.Sdk differs from tests/Penstock.Sdk.Tests/PublicApi.txt.\n"
            + $"gone (breaks plugins): {string.Join("\n  ", removed)}\nnew: {string.Join("\n  ", added)}\n"
            + $"If that is meant, run the test with {Update}=tests/Penstock.Sdk.Tests/PublicApi.txt (an absolute path), build again, and write the change into CHANGELOG.md.");
    }

    [Fact]
    public void The_listing_sees_members_constants_enum_values_and_nullability()
    {
        var listing = PublicApi.List(typeof(PublicApiTests).Assembly);
        Assert.Contains("class Penstock.Sdk.Tests.PublicApiSample", listing);
        Assert.Contains("  method System.String? Find(System.String name, System.Int32 count = 7)", listing);
        Assert.Contains("  property System.Int32 Size { get; init; } required", listing);
        Assert.Contains("  const System.String Word = \"x\"", listing);
        Assert.DoesNotContain("Hidden", listing);
    }
}
