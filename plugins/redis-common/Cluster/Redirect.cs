namespace Penstock.Redis;

/// <summary>Where a node of a cluster sends who asks it for a slot that it does not serve.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Target">The node that serves it, or with ASK the one that has what was asked for while the slot moves.</param>
/// <param name="IsAsk">
/// Whether it holds for this one command, sent again behind ASKING; otherwise the slot has moved for good.
/// </param>
public readonly record struct Redirect(int Slot, RedisEndpoint Target, bool IsAsk)
{
    /// <summary>Reads <c>MOVED 3999 host:port</c> and <c>ASK 3999 host:port</c>.</summary>
    /// <param name="message">The error's text.</param>
    /// <param name="asked">Who answered; an address without a host means the same host.</param>
    /// <returns>Null for other errors.</returns>
    internal static Redirect? Parse(string message, RedisEndpoint asked)
    {
        if (message.Split(' ') is not [("MOVED" or "ASK") and var code, var number, var address]
            || !int.TryParse(number, out var slot) || slot is < 0 or >= HashSlot.Count)
        {
            return null;
        }

        var colon = address.LastIndexOf(':');
        var host = colon <= 0 || address[..colon] == "?" ? asked.Host : address[..colon].Trim('[', ']');
        return RedisEndpoint.TryCreate(host, address[(colon + 1)..], out var target) ? new Redirect(slot, target, code == "ASK") : null;
    }
}
