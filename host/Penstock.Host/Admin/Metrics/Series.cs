namespace Penstock.Host.Admin.Metrics;

/// <summary>The figures of one metric with one set of labels. Any thread records, any thread reads.</summary>
/// <param name="labels">As they stand between the braces.</param>
abstract class Series(string labels)
{
    public string Labels => labels;

    public abstract void Record(double value);

    public abstract void Write(MetricsText text, string name);

    protected static void Add(ref double sum, double value)
    {
        for (var seen = Volatile.Read(ref sum); ;)
        {
            var found = Interlocked.CompareExchange(ref sum, seen + value, seen);
            if (found.Equals(seen))
            {
                return;
            }

            seen = found;
        }
    }
}
