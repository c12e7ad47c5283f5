namespace Penstock.Runtime.Diagnostics;

/// <summary>
/// Since when a step is under way, and since when it fails. Its owner writes two fields for each step, however much the step moves; anybody reads.
/// </summary>
/// <param name="kind">The step.</param>
/// <param name="part">The source or the sink.</param>
/// <param name="lane">Of a sink, its lane.</param>
/// <param name="time">The clock.</param>
sealed class StepWatch(StepKind kind, string part, int? lane, TimeProvider time)
{
    const long Never = long.MinValue;

    long _began = Never;
    Failure? _failure;
    volatile bool _hasWorked;

    public StepStatus Status
    {
        get
        {
            var (began, failure) = (Volatile.Read(ref _began), Volatile.Read(ref _failure));
            return new StepStatus(kind, part, lane)
            {
                UnderWay = began == Never ? null : time.GetElapsedTime(began),
                Failing = failure is null ? null : time.GetElapsedTime(failure.Since),
                Reason = failure?.Reason,
                HasWorked = _hasWorked,
            };
        }
    }

    public void Begin() => Volatile.Write(ref _began, time.GetTimestamp());

    /// <summary>It succeeded.</summary>
    public void End()
    {
        Pass();
        if (_failure is not null)
        {
            Volatile.Write(ref _failure, null);
        }
    }

    /// <summary>It came to its end, but may prove to have failed all the same: what failed before is not over.</summary>
    public void Pass()
    {
        Volatile.Write(ref _began, Never);
        _hasWorked = true;
    }

    /// <summary>It failed and will be tried again.</summary>
    public void Fail(string reason)
    {
        var began = _began == Never ? time.GetTimestamp() : _began;
        // An attempt that fails slowly was no good from its beginning.
        Volatile.Write(ref _failure, new Failure(_failure?.Since ?? began, reason));
        Volatile.Write(ref _began, Never);
    }

    sealed record Failure(long Since, string Reason);
}
