namespace Penstock.Runtime.DeadLetters;

/// <summary>What a sink said when it refused an event. Messages of plugins hold no secrets; those of their causes may, and are not kept.</summary>
/// <param name="Class">The kind of failure, as in <c>poison</c>.</param>
/// <param name="Message">The plugin's own words.</param>
sealed record DeadLetterError(string Class, string Message)
{
    public static DeadLetterError Of(PluginException error) =>
        new(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(error.Kind.ToString()), error.Message);
}
