namespace Penstock.EndToEnd.Tests.Chaos;

/// <summary>How much of everything: little in every test run, much in <c>make chaos</c>, which sets <c>PENSTOCK_CHAOS=full</c>.</summary>
static class Width
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("PENSTOCK_CHAOS") == "full";

    public static int Of(int few, int many) => IsFull ? many : few;
}
