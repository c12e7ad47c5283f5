using Microsoft.Extensions.Logging;
using Penstock;
using Penstock.Sinks.File;

[assembly: Plugin("file", typeof(FilePlugin))]

namespace Penstock.Sinks.File;

public sealed class FilePlugin : SinkPlugin<FileOptions>
{
    public override string Summary => "Appends events to files as JSON lines, flushed to disk before a write succeeds.";

    public override SinkTraits Traits => FileSink.Promise;

    public override void Validate(FileOptions options, ConfigReport report)
    {
        if (PathTemplate.TryParse(options.Path, out _) is { } problem)
        {
            report.Add("/path", problem);
        }
    }

    public override ISink Create(FileOptions options, SinkContext context)
    {
        if (PathTemplate.TryParse(options.Path, out var template) is { } problem)
        {
            throw new PluginException(FailureKind.Permanent, problem);
        }

        return new FileSink(template!, context.LoggerFactory.CreateLogger<FileSink>(), RandomAccess.FlushToDisk);
    }
}
