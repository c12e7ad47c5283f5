namespace Penstock.Host.Configuration;

/// <summary>Joins what the file says with the plugins that were found.</summary>
static class HostConfigFactory
{
    public static HostConfig Create(string file, HostSection host, IReadOnlyDictionary<string, PipelineReader> pipelines)
    {
        var directory = Path.GetDirectoryName(file)!;
        return new HostConfig
        {
            File = file,
            Directory = directory,
            StateDirectory = Path.GetFullPath(host.State.Directory, directory),
            CheckpointInterval = host.State.CheckpointInterval,
            Admin = AdminReader.Create(host.Admin),
            Pipelines = [.. pipelines.Select(p => Create(p.Key, host.Pipelines[p.Key], p.Value))],
        };
    }

    static PipelineConfig Create(string name, PipelineSection section, PipelineReader plugins) => new()
    {
        Name = name,
        Require = section.Require,
        Sources = [.. plugins.Sources.Select(s => Create(s.Key, section.Sources[s.Key], s.Value))],
        Sinks = [.. plugins.Sinks.Select(s => Create(s.Key, section, section.Sinks[s.Key], s.Value))],
    };

    static SourceConfig Create(string name, SourceSection section, BoundPlugin<SourceDefinition> plugin) => new()
    {
        Name = name,
        Type = section.Type,
        Definition = plugin.Definition,
        Options = plugin.Options,
        Readers = section.Readers,
        InFlight = section.InFlight,
    };

    static SinkConfig Create(string name, PipelineSection pipeline, SinkSection section, BoundPlugin<SinkDefinition> plugin) => new()
    {
        Name = name,
        Type = section.Type,
        Definition = plugin.Definition,
        Options = plugin.Options,
        Lanes = section.Lanes,
        Ordering = section.Ordering ?? pipeline.Ordering,
        Batch = section.Batch,
        Retry = section.Retry,
        OnPoison = section.OnPoison,
        DeadLetters = section.DeadLetters,
    };
}
