namespace Penstock.MicroBenchmarks.Samples;

/// <summary>Events of the sample table as the WAL source makes them, stamped as the host does.</summary>
static class OrderEvents
{
    static readonly EventOrigin Origin = new("orders", "db", DeliveryGuarantee.AtLeastOnce);

    public static ChangeEvent[] Make(int count, ChangeKind kind)
    {
        var rows = new OrderRows();
        var builder = new RowBuilder();
        var events = new ChangeEvent[count];
        for (var i = 0; i < count; i++)
        {
            var before = kind == ChangeKind.Update ? Build(builder, rows) : (Row?)null;
            var after = Build(builder, rows);
            events[i] = new ChangeEvent
            {
                Kind = kind,
                Subject = "public.orders",
                Position = new SourcePosition("", SourcePosition.Compose(0x1_A2B3_C4D0, (ulong)(i + 1) << 32)),
                Key = after.GetMemory(0),
                Before = before,
                After = after,
                OccurredAt = DateTimeOffset.UnixEpoch.AddYears(56).AddTicks(i),
                Transaction = new TransactionMark("4711", i + 1, i + 1 == count),
            };
            events[i].Stamp(Origin, i + 1);
        }

        return events;
    }

    static Row Build(RowBuilder builder, OrderRows rows)
    {
        builder.Begin(OrderRows.Schema);
        foreach (var value in rows.Next())
        {
            builder.Append(value);
        }

        return builder.Build();
    }
}
