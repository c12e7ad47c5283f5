using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Penstock.Host.Configuration;

sealed class AdminSection
{
    [Description("Where /metrics, /health and /ready are served, such as http://127.0.0.1:9464. Port 0 takes a free port, which the log names. An address beyond this machine needs a token.")]
    [MinLength(1)]
    public required string Listen { get; init; }

    [Description("A bearer token that every request must bring. Required when listen is reachable from other machines.")]
    [RegularExpression("[A-Za-z0-9._~+/=-]+")]
    public Secret Token { get; init; }

    [Description("How long something that was read may stay unsettled, or a step may fail, before /health says so. 1s to 1h.")]
    [Range(typeof(TimeSpan), "1s", "1h")]
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(10);
}
