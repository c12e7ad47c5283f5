namespace Penstock.Runtime;

/// <summary>How a pipeline ended, why, and its books.</summary>
sealed record PipelineResult(PipelineState State, string? Reason, IReadOnlyList<Books> Books);
