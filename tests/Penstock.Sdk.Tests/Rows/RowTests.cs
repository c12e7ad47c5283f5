using FsCheck;
using FsCheck.Fluent;

namespace Penstock.Sdk.Tests;

public sealed class RowTests
{
    static readonly RowSchema Two = new(new RowField("a", FieldType.Text, isKey: true), new RowField("b", FieldType.Text, isKey: false));

    static readonly Gen<(FieldState State, byte[] Value)> Fields =
        from state in Gen.Elements(FieldState.Present, FieldState.Present, FieldState.Null, FieldState.Unchanged, FieldState.Absent)
        from length in Gen.Frequency((8, Gen.Choose(0, 50)), (1, Gen.Choose(0, 40_000)))
        from fill in Gen.Choose(0, 255)
        select (state, state == FieldState.Present ? Enumerable.Repeat((byte)fill, length).ToArray() : []);

    [Fact]
    public void Rows_of_one_builder_keep_their_values_and_states() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            Gen.Choose(0, 8).SelectMany(count => Fields.ArrayOf(count)).ListOf().ToArbitrary(),
            shapes =>
            {
                var builder = new RowBuilder();
                var rows = shapes.Select(shape => Build(builder, shape)).ToArray();
                return rows.Zip(shapes).All(pair => Holds(pair.First, pair.Second));
            }));

    [Fact]
    public void Rows_that_straddle_a_block_are_whole()
    {
        var builder = new RowBuilder();
        var values = Enumerable.Range(0, 200).Select(i => Enumerable.Repeat((byte)i, 997 * (i % 7)).ToArray()).ToArray();
        var rows = values.Select(value => Build(builder, [(FieldState.Present, value), (FieldState.Null, []), (FieldState.Present, [7])])).ToArray();

        for (var i = 0; i < rows.Length; i++)
        {
            Assert.Equal(values[i], rows[i][0].ToArray());
            Assert.Equal(FieldState.Null, rows[i].GetState(1));
            Assert.Equal([7], rows[i][2].ToArray());
        }
    }

    [Fact]
    public void A_value_can_be_filled_in_after_it_was_added()
    {
        var builder = new RowBuilder();
        builder.Begin(Two);
        builder.AppendUninitialized(3).Span.Fill(1);
        builder.AppendUninitialized(40_000).Span.Fill(2);
        var row = builder.Build();
        Assert.Equal([1, 1, 1], row.GetMemory(0).ToArray());
        Assert.Equal(40_000, row[1].ToArray().Count(b => b == 2));
    }

    [Fact]
    public void Only_a_present_value_is_a_string()
    {
        var builder = new RowBuilder();
        var row = Build(builder, [(FieldState.Present, "x"u8.ToArray()), (FieldState.Unchanged, [])], Two);
        Assert.Equal("x", row.GetString("a"));
        Assert.Null(row.GetString("b"));
        Assert.Null(row.GetString("c"));
    }

    [Fact]
    public void Misuse_of_the_builder_is_refused()
    {
        var builder = new RowBuilder();
        Assert.Throws<InvalidOperationException>(() => builder.Build());
        Assert.Throws<InvalidOperationException>(() => builder.Append([]));
        builder.Begin(Two);
        builder.Append("x"u8);
        Assert.Contains("1 of 2", Assert.Throws<InvalidOperationException>(() => builder.Build()).Message);
        Assert.Throws<ArgumentException>(() => builder.Append(FieldState.Present));
        builder.Append("y"u8);
        Assert.Throws<InvalidOperationException>(() => builder.Append(FieldState.Null));

        var row = Build(builder, [(FieldState.Null, []), (FieldState.Present, [1])], Two);
        Assert.Equal([1], row[1].ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => row.GetState(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => row.GetState(-1));
    }

    [Fact]
    public void A_schema_knows_its_key_and_whether_it_can_be_an_object()
    {
        Assert.True(Two.HasKey);
        Assert.True(Two.IsObject);
        Assert.Equal((0, 1, -1), (Two.IndexOf("a"), Two.IndexOf("b"), Two.IndexOf("A")));

        RowField plain = new("a", FieldType.Text, isKey: false);
        Assert.False(new RowSchema(plain).HasKey);
        Assert.False(new RowSchema(plain, plain).IsObject);
        RowField raw = new(new byte[] { 0xFF }, FieldType.Text, isKey: false);
        Assert.False(new RowSchema(raw).IsObject);
        Assert.Equal("\uFFFD", raw.Name);
        Assert.True(new RowSchema().IsObject);
    }

    static Row Build(RowBuilder builder, (FieldState State, byte[] Value)[] fields, RowSchema? schema = null)
    {
        builder.Begin(schema ?? new RowSchema([.. fields.Select((_, i) => new RowField($"f{i}", FieldType.Bytes, isKey: false))]));
        foreach (var (state, value) in fields)
        {
            if (state == FieldState.Present)
            {
                builder.Append(value);
            }
            else
            {
                builder.Append(state);
            }
        }

        return builder.Build();
    }

    static bool Holds(Row row, (FieldState State, byte[] Value)[] fields) =>
        row.Count == fields.Length
        && Enumerable.Range(0, row.Count).All(i => row.GetState(i) == fields[i].State && row[i].SequenceEqual(fields[i].Value));
}
