namespace Penstock.Sinks.File;

/// <summary>A piece of a path template: fixed text, a separator, or a placeholder.</summary>
readonly record struct PathToken(Placeholder Placeholder, string Text);
