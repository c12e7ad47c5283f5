namespace Penstock.Sources.PostgresWal;

/// <summary>Compares what the slot keeps with what it may keep, and speaks up once for each crossing, not for each look.</summary>
/// <param name="limit">In bytes.</param>
sealed class RetainedWalLimit(long limit)
{
    const double Near = 0.8;

    // Two looks in a row: what is dropped on one wrong figure does not come back.
    const int LooksBeforeAction = 2;

    int _looksBeyond;
    bool _toldNear;
    bool _toldBeyond;

    /// <summary>Takes in a reading.</summary>
    /// <returns>What to tell now.</returns>
    public LimitCrossing Look(long retained)
    {
        var isBeyond = retained > limit;
        var isNear = retained > limit * Near;
        _looksBeyond = isBeyond ? _looksBeyond + 1 : 0;
        var crossing = isBeyond && !_toldBeyond ? LimitCrossing.Beyond
            : isNear && !_toldNear ? LimitCrossing.Near
            : LimitCrossing.None;

        // What swings around the limit is told again only when it was well below in between.
        _toldNear = isNear && (_toldNear || crossing != LimitCrossing.None);
        _toldBeyond = isNear && (_toldBeyond || isBeyond);
        return crossing;
    }

    /// <summary>Whether it stayed beyond the limit, and so is no slip.</summary>
    public bool IsLastingly => _looksBeyond >= LooksBeforeAction;

    /// <summary>Something was done about it, or could not be: look afresh.</summary>
    public void Restart() => _looksBeyond = 0;
}
