using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Penstock.Host.Admin;
using Penstock.Host.Commands;
using Penstock.Host.Running;
using Penstock.Runtime;
using Penstock.Runtime.Diagnostics;

namespace Penstock.Host;

/// <summary>The one place where the host is put together.</summary>
static class HostComposition
{
    // Longer than the pipelines' own drain, so that their deadline decides and not this one.
    static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(40);

    public static IHost Build()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddLogging(builder.Logging);

        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddMetrics()
            .AddSingleton(services => services.GetRequiredService<IMeterFactory>().Create(Instruments.MeterName))
            .AddSingleton(services => new RuntimeServices(
                services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<Meter>()))
            .AddSingleton<ConfigReader>()
            .AddSingleton<CommandLine>()
            .AddSingleton<AdminServer>()
            .AddSingleton<PipelineService>()
            .AddHostedService(services => services.GetRequiredService<PipelineService>())
            .Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout)
            .Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true)
            .AddSingleton<IHostLifetime, SignalLifetime>()
            .Scan(scan => scan.FromAssemblyOf<ICliCommand>()
                .AddClasses(classes => classes.AssignableTo<ICliCommand>(), publicOnly: false)
                .As<ICliCommand>()
                .WithSingletonLifetime());
        return builder.Build();
    }

    // Readable on a terminal, one JSON object a line for machines; standard output belongs to the answers of the verbs.
    static void AddLogging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        if (Console.IsErrorRedirected)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "HH:mm:ss ";
            });
        }

        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            options =>
            {
                options.LogToStandardErrorThreshold = LogLevel.Trace;
                // Whoever reads our log and stops reading must not stop the changes; what is left out is counted in the log.
                options.QueueFullMode = Microsoft.Extensions.Logging.Console.ConsoleLoggerQueueFullMode.DropWrite;
            });
    }
}
