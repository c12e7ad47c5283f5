using System.Text.Json;

namespace Penstock;

/// <summary>Writes the lists of field names beside a row; a list without names is left out.</summary>
readonly struct FieldLists(Utf8JsonWriter json)
{
    public void Unchanged(Row row) =>
        Write(Names.Unchanged, row, static (row, i) => row.GetState(i) == FieldState.Unchanged);

    public void Nulls(Row row) =>
        Write(Names.Nulls, row, static (row, i) => row.Schema[i].Type == FieldType.Json && row.GetState(i) == FieldState.Null);

    public void Base64(Row row) =>
        Write(Names.Base64, row, static (row, i) => row.GetState(i) == FieldState.Present && ValueJson.IsBase64(row, i));

    void Write(JsonEncodedText name, Row row, Func<Row, int, bool> belongs)
    {
        var open = false;
        for (var i = 0; i < row.Count; i++)
        {
            if (!belongs(row, i))
            {
                continue;
            }

            if (!open)
            {
                json.WriteStartArray(name);
                open = true;
            }

            json.WriteStringValue(row.Schema[i].EncodedName);
        }

        if (open)
        {
            json.WriteEndArray();
        }
    }
}
