namespace Penstock.Runtime.Tests.Model;

/// <summary>Backoff without a pause: a retry is part of the step that it answers.</summary>
sealed class NoJitter : Random
{
    public override double NextDouble() => 0;
}
