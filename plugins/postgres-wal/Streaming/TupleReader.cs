using Npgsql.Replication.PgOutput;

namespace Penstock.Sources.PostgresWal;

/// <summary>Copies rows from the connection's buffer into shared blocks, value by value, without a string between.</summary>
sealed class TupleReader
{
    readonly RowBuilder _rows = new();

    /// <summary>Reads a whole row.</summary>
    /// <param name="tuple">What the server sent.</param>
    /// <param name="relation">Its table.</param>
    /// <param name="before">The row as it was, for key values that the server leaves out because they did not change.</param>
    public async ValueTask<Row> ReadRowAsync(ReplicationTuple tuple, Relation relation, Row? before = null)
    {
        _rows.Begin(relation.Schema);
        var field = 0;
        await foreach (var value in tuple.ConfigureAwait(false))
        {
            if (value.IsUnchangedToastedValue && before is { } old && relation.Schema[field].IsKey && old.GetState(field) == FieldState.Present)
            {
                _rows.Append(old[field]);
            }
            else
            {
                await AppendAsync(value).ConfigureAwait(false);
            }

            field++;
        }

        return _rows.Build();
    }

    /// <summary>Reads an old row of which only the identity's fields mean anything: the server sends NULL for all others.</summary>
    public async ValueTask<Row> ReadKeyAsync(ReplicationTuple tuple, Relation relation)
    {
        _rows.Begin(relation.Schema);
        var field = 0;
        await foreach (var value in tuple.ConfigureAwait(false))
        {
            if (relation.IsIdentity(field++))
            {
                await AppendAsync(value).ConfigureAwait(false);
            }
            else
            {
                _rows.Append(FieldState.Absent);
            }
        }

        return _rows.Build();
    }

    ValueTask AppendAsync(ReplicationValue value)
    {
        switch (value.Kind)
        {
            case TupleDataKind.Null:
                _rows.Append(FieldState.Null);
                return default;
            case TupleDataKind.UnchangedToastedValue:
                _rows.Append(FieldState.Unchanged);
                return default;
            default:
                var destination = _rows.AppendUninitialized(value.Length);
                return value.Length == 0 ? default : CopyAsync(value.GetStream(), destination);
        }
    }

    static async ValueTask CopyAsync(Stream value, Memory<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = await value.ReadAsync(destination).ConfigureAwait(false);
            if (count == 0)
            {
                throw new EndOfStreamException($"The server's value ended {destination.Length} bytes early.");
            }

            destination = destination[count..];
        }
    }
}
