using Penstock.Host.Configuration;

namespace Penstock.Host.Tests.Configuration;

/// <summary>A folder with a config file in it, and an environment.</summary>
sealed class ConfigFixture : IDisposable
{
    /// <summary>A config without mistakes, one option per place where tests make one.</summary>
    public const string Good = """
        {
          // The first line is for editors.
          "$schema": "./penstock.schema.json",
          "plugins": { "directories": ["./more"] },
          "state": { "directory": "./data", "checkpointInterval": "200ms" }, "admin": { "listen": "http://127.0.0.1:9999", "token": "sesame", "stalledAfter": "7s" },
          "pipelines": {
            "orders": {
              "require": "at-least-once",
              "ordering": "source",
              "sources": {
                "db": {
                  "type": "stream",
                  "config": { "connection": "here:1", "count": 10, "mode": "consumerGroup", },
                  "readers": 3,
                  "inFlight": { "maxEvents": 500, "maxBytes": "2MiB" }
                }
              },
              "sinks": {
                "out": {
                  "type": "print",
                  "config": { "colours": false },
                  "lanes": 2,
                  "batch": { "maxEvents": 10, "maxBytes": "1MiB", "maxDelay": "1ms" },
                  "retry": { "initialDelay": "1s", "maxDelay": "10s" },
                  "onPoison": "deadLetter",
                  "deadLetters": { "sameKey": "continue" }
                }
              }
            }
          }
        }
        """;

    readonly string _folder = Directory.CreateTempSubdirectory("penstock-config-").FullName;

    public ConfigFixture() => Directory.CreateDirectory(Path.Combine(_folder, "more"));

    public string Folder => _folder;

    public Dictionary<string, string> Environment { get; } = [];

    public TestCatalog Catalog { get; init; } = TestCatalog.Usual();

    /// <summary>What the loader asked the catalog to search.</summary>
    public IReadOnlyList<string>? Searched { get; private set; }

    public ConfigResult Load(string text)
    {
        Write("penstock.json", text);
        return LoadFile("penstock.json");
    }

    public ConfigResult LoadFile(string name)
    {
        var loader = new ConfigLoader(
            directories =>
            {
                Searched = directories;
                return Catalog;
            },
            Environment.GetValueOrDefault);
        return loader.Load(Path.Combine(_folder, name));
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Every problem as it prints, without the folder's name.</summary>
    public string Print(ConfigResult result) =>
        string.Join('\n', result.Problems).Replace(_folder + "/", "", StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
