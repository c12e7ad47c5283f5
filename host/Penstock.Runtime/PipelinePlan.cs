namespace Penstock.Runtime;

/// <summary>A pipeline as configured and validated: what <see cref="Pipeline"/> runs.</summary>
sealed record PipelinePlan(string Name, IReadOnlyList<SourcePlan> Sources, IReadOnlyList<SinkPlan> Sinks);
