using Penstock.Benchmarks;
using Penstock.Benchmarks.Hosting;
using Penstock.Benchmarks.Matrix;
using Penstock.Benchmarks.Report;
using Penstock.Benchmarks.Rows;
using Penstock.Benchmarks.Soak;

if (args is [SoakOptions.Switch, .. var rest])
{
    if (WorkFolder.Use() is { } unfit)
    {
        Console.Error.WriteLine(unfit);
        return 2;
    }

    return SoakOptions.Parse(rest) is { } soak ? await SoakRun.RunAsync(soak) : 2;
}

if (BenchOptions.Parse(args) is not { } options)
{
    return 2;
}

if (options.List)
{
    foreach (var row in RowCatalog.All)
    {
        Console.WriteLine($"{row.Name,-24} {row.What}");
    }

    return 0;
}

if (WorkFolder.Use() is { } problem)
{
    Console.Error.WriteLine(problem);
    return 2;
}

if (options.Matrix)
{
    return await MatrixRunner.RunAsync(options, new MatrixReport(options.Out, Machine.Describe(TimeProvider.System), options));
}

var rows = RowCatalog.All.Where(row => options.Wants(row.Name)).ToArray();
if (rows.Length == 0)
{
    Console.Error.WriteLine($"no row is called {string.Join(", ", options.Rows)}; --list names them");
    return 2;
}

var results = new ResultSet(options.Out, Machine.Describe(TimeProvider.System), options);
foreach (var row in rows)
{
    results.Add(await RowRunner.RunAsync(row, options));
}

Console.WriteLine($"{results.Count - results.Failed} rows measured, {results.Failed} failed; {Path.Combine(options.Out, "results.md")}");
return results.Failed == 0 ? 0 : 1;
