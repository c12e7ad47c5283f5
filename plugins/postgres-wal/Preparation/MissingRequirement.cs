namespace Penstock.Sources.PostgresWal;

/// <summary>Something that the source needs and the server does not offer.</summary>
/// <param name="Problem">What was found, and what was expected.</param>
/// <param name="Remedy">What to do, as SQL where possible.</param>
readonly record struct MissingRequirement(string Problem, string Remedy)
{
    public override string ToString() => $"{Problem}; remedy: {Remedy}";
}
