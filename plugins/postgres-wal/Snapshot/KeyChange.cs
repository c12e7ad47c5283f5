namespace Penstock.Sources.PostgresWal;

/// <summary>The last change of a key that the stream had since its table is under snapshot.</summary>
/// <param name="Xid">The transaction. One that changed the key before it was over by then, so whoever sees this one sees all.</param>
/// <param name="Lacking">The fields whose values the stream did not tell, as they had not changed (TOAST); null when it told all, or the row is gone.</param>
readonly record struct KeyChange(uint Xid, bool[]? Lacking)
{
    public KeyChange Then(uint xid, Row? after)
    {
        // Told once is told: a later change that leaves the value alone does not take it back.
        if (Lacking is null || LackingIn(after) is not { } now)
        {
            return new KeyChange(xid, null);
        }

        var left = new bool[now.Length];
        for (var i = 0; i < now.Length; i++)
        {
            left[i] = now[i] && Lacking[i];
        }

        return new KeyChange(xid, left);
    }

    public static bool[]? LackingIn(Row? after)
    {
        if (after is not { } row)
        {
            return null;
        }

        bool[]? lacking = null;
        for (var i = 0; i < row.Count; i++)
        {
            if (row.GetState(i) == FieldState.Unchanged)
            {
                lacking ??= new bool[row.Count];
                lacking[i] = true;
            }
        }

        return lacking;
    }
}
