namespace Penstock;

/// <summary>What a row knows about one of its fields.</summary>
public enum FieldState
{
    /// <summary>The value is here, possibly empty.</summary>
    Present = 0,

    /// <summary>The value is SQL NULL.</summary>
    Null = 1,

    /// <summary>The value did not change and the server did not send it (PostgreSQL's TOAST). Never to be read as null.</summary>
    Unchanged = 2,

    /// <summary>The server sent nothing about this field (a delete that carries only its key).</summary>
    Absent = 3,
}
