using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Penstock.Sources.PostgresWal;

/// <summary>The SQL that reads the next piece of a table.</summary>
static class ChunkQuery
{
    public static string Lock(TableName table) => $"LOCK TABLE {table.Quoted} IN ACCESS SHARE MODE";

    /// <summary>The next rows by key.</summary>
    public static string ByKey(TableName table, TableShape shape, TableView view, byte[][] last, int limit)
    {
        var key = string.Join(", ", shape.Key.Select(column => Sql.Quote(column.Name)));
        var after = last.Length == 0
            ? ""
            : $"({key}) > ({string.Join(", ", shape.Key.Zip(last, (column, value) => $"{Literal(value)}::{column.Type}"))})";
        return Copy(table, shape, view, after, $"ORDER BY {key} LIMIT {Number(limit)}");
    }

    /// <summary>The rows of these blocks; of a partitioned table, of these blocks of each partition.</summary>
    public static string ByBlocks(TableName table, TableShape shape, TableView view, long from, long to) =>
        Copy(table, shape, view, $"ctid >= '({Number(from)},0)' AND ctid < '({Number(to)},0)'", "");

    // ONLY: tables that inherit from an ordinary one are tables of their own in the stream. A partitioned one has no rows but theirs.
    static string Copy(TableName table, TableShape shape, TableView view, string place, string end)
    {
        var columns = string.Join(", ", shape.Sent.Select(column => Sql.Quote(column.Name)));
        var filter = view.Filter is null ? "" : $"({view.Filter})";
        var where = string.Join(" AND ", ((string[])[filter, place]).Where(part => part.Length > 0));
        return $"COPY (SELECT {columns} FROM {(view.IsPartitioned ? "" : "ONLY ")}{table.Quoted} {(where.Length > 0 ? $"WHERE {where} " : "")}{end}) TO STDOUT";
    }

    // Bytes that are no text, as an SQL_ASCII database may hold them, by their numbers: the server takes those as they are.
    static string Literal(byte[] value)
    {
        var text = new StringBuilder("E'");
        if (Utf8.IsValid(value))
        {
            text.Append(Encoding.UTF8.GetString(value)).Replace("\\", "\\\\", 2, text.Length - 2).Replace("'", "''", 2, text.Length - 2);
        }
        else
        {
            foreach (var one in value)
            {
                text.Append("\\x").Append(one.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return text.Append('\'').ToString();
    }

    static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
