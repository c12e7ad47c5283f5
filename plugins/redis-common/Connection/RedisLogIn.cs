using System.Globalization;

namespace Penstock.Redis;

/// <summary>As whom a connection comes, and what it is called.</summary>
/// <param name="User">The ACL user; null for the default user.</param>
/// <param name="Password">Empty when there is none.</param>
/// <param name="Database">The logical database.</param>
/// <param name="ClientName">What CLIENT LIST shows.</param>
sealed record RedisLogIn(string? User, Secret Password, int Database, string ClientName)
{
    /// <summary>Writes HELLO 3, and SELECT for another database than the first.</summary>
    public void AddTo(CommandBuffer commands)
    {
        var hasLogin = User is not null || !Password.IsEmpty;
        commands.Begin(hasLogin ? 7 : 4);
        commands.Add("HELLO"u8);
        commands.Add(3);
        if (hasLogin)
        {
            commands.Add("AUTH"u8);
            commands.Add(User ?? "default");
            commands.Add(Password.Reveal());
        }

        commands.Add("SETNAME"u8);
        commands.Add(ClientName);
        if (Database != 0)
        {
            commands.AddCommand("SELECT", Database.ToString(CultureInfo.InvariantCulture));
        }
    }
}
