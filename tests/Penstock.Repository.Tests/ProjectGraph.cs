using System.Xml.Linq;

namespace Penstock.Repository.Tests;

/// <summary>Dependencies point one way: plugins → sdk ← runtime ← host.</summary>
static class ProjectGraph
{
    const string RedisCommon = "plugins/redis-common";
    const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    public static IEnumerable<string> Violations(IEnumerable<TextFile> projects) => projects
        .Where(file => file.IsBelow("sdk", "host", "plugins") && Path.GetExtension(file.Name) is ".csproj" or ".props" or ".targets")
        .SelectMany(project => Projects(project)
            .Where(target => !IsAllowed(project, target))
            .Select(target => $"{project.Path} references {target}")
            .Concat(Packages(project)
                .Where(package => project.IsBelow("sdk/Penstock.Sdk") && package != Logging)
                .Select(package => $"{project.Path} references the package {package}")));

    static bool IsAllowed(TextFile project, string target)
    {
        string[] allowed = project switch
        {
            _ when project.IsBelow("sdk/Penstock.Sdk") => [],
            _ when project.IsBelow("sdk") => ["sdk"],
            _ when project.IsBelow("host/Penstock.Runtime") => ["sdk/Penstock.Sdk"],
            _ when project.IsBelow("host") => ["sdk/Penstock.Sdk", "host/Penstock.Runtime"],
            _ when project.IsBelow(RedisCommon) => ["sdk/Penstock.Sdk"],
            _ => ["sdk/Penstock.Sdk", RedisCommon],
        };
        return allowed.Any(folder => target.StartsWith(folder + "/", StringComparison.Ordinal));
    }

    static IEnumerable<string> Projects(TextFile project) => Includes(project, "ProjectReference").Select(include => Normalize(project, include));

    static IEnumerable<string> Packages(TextFile project) => Includes(project, "PackageReference");

    static IEnumerable<string> Includes(TextFile project, string item) => XDocument.Parse(project.Text)
        .Descendants()
        .Where(element => element.Name.LocalName == item)
        .Select(element => (string?)element.Attribute("Include"))
        .OfType<string>();

    static string Normalize(TextFile project, string include)
    {
        const string Root = "/root";
        var relative = include.Replace("$(MSBuildThisFileDirectory)", "", StringComparison.Ordinal).Replace('\\', '/');
        return Path.GetRelativePath(Root, Path.GetFullPath(Path.Combine(Root, project.Folder, relative))).Replace('\\', '/');
    }
}
