namespace Penstock.Runtime.Lanes;

/// <summary>A lane's name in logs and metrics.</summary>
sealed record LaneIdentity(string Pipeline, string Sink, int Number)
{
    public override string ToString() => $"{Pipeline}/{Sink}, lane {Number}";
}
