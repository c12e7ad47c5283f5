using System.Reflection;

namespace Penstock.Host.Tests.Plugins;

/// <summary>What the build wrote into the test assembly.</summary>
static class BuildFacts
{
    static readonly Dictionary<string, string?> Facts = typeof(BuildFacts).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .ToDictionary(fact => fact.Key, fact => fact.Value);

    public static string Repository => Facts["Repository"]!;

    public static string Configuration => Facts["Configuration"]!;

    public static string PackageFolder => Facts["PackageFolder"]!;

    /// <summary>The folder that the fixture plugin of this name was built into.</summary>
    public static string Fixture(string name) => Facts[$"Fixture.{name}"]!;
}
