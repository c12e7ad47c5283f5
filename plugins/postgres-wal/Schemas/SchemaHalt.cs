namespace Penstock.Sources.PostgresWal;

/// <summary>The end of reading before a row of another shape, once everything before it is settled.</summary>
/// <param name="mark">Everything before it.</param>
/// <param name="failure">Why, and how to go on.</param>
sealed class SchemaHalt(Watermark mark, PluginException failure)
{
    readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static PluginException Because(string table, string change) => new(
        FailureKind.Permanent,
        $"Table {table} has another shape from here on: {change}. \"onSchemaChange\" is \"halt\", so its rows of the new shape are not read; everything before them is. "
        + "Prepare what reads them, start once with \"onSchemaChange\": \"continue\", and set it back to \"halt\" when rows flow again.");

    public void Acknowledged(IReadOnlyList<Watermark> reached)
    {
        if (reached.Contains(mark))
        {
            _settled.TrySetResult();
        }
    }

    /// <exception cref="PluginException">Always, unless reading is stopped before.</exception>
    public async ValueTask ThrowWhenSettledAsync(CancellationToken stopReading)
    {
        await _settled.Task.WaitAsync(stopReading).ConfigureAwait(false);
        throw failure;
    }
}
