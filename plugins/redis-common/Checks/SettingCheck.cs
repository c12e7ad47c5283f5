using System.Text;

namespace Penstock.Redis;

/// <summary>Reads a setting, or says what follows from not being allowed to.</summary>
static class SettingCheck
{
    public static async ValueTask<string?> ReadAsync(
        RedisConnection connection, string user, string name, string consequence, CheckReport report, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await connection.ExecuteAsync(["CONFIG", "GET", name], cancellationToken).ConfigureAwait(false);
            var value = reply.Find(Encoding.UTF8.GetBytes(name));
            return value.IsNull ? null : value.AsText();
        }
        catch (RedisException refused)
        {
            report.Warn(
                $"{connection.Endpoint} does not show {name} to user \"{user}\" ({refused.Code}): {consequence}",
                refused.Code == "NOPERM" ? $"ACL SETUSER {user} +config|get" : "look at the setting yourself, or check again when the server answers");
            return null;
        }
    }
}
