using Microsoft.Extensions.Logging;
using Penstock;
using Penstock.Sinks.File;

[assembly: Plugin("file", typeof(FilePlugin))]

namespace Penstock.Sinks.File;

public sealed class FilePlugin : SinkPlugin<FileOptions>
{
    public override string Summary => "Appends events to files as JSON lines, flushed to disk before a write succeeds.";

    public override SinkTraits Traits => GetTraits(new FileOptions());

    public override SinkTraits GetTraits(FileOptions options) => FileSink.TraitsOf(Parse(options));

    public override void Validate(FileOptions options, ConfigReport report)
    {
        if (PathTemplate.TryParse(options.Path, out _) is { } problem)
        {
            report.Add("/path", problem);
        }
    }

    public override ISink Create(FileOptions options, SinkContext context) =>
        new FileSink(Parse(options), context.Pipeline, context.LoggerFactory.CreateLogger<FileSink>(), RandomAccess.FlushToDisk);

    static PathTemplate Parse(FileOptions options) => PathTemplate.TryParse(options.Path, out var template) is { } problem
        ? throw new PluginException(FailureKind.Permanent, problem)
        : template!;
}
