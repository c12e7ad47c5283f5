using System.Runtime.CompilerServices;

namespace Penstock.Runtime.Diagnostics;

/// <summary>Where tests make the runtime die. Without a handler a step costs one comparison.</summary>
sealed class Faults(Action<FaultPoint>? handler)
{
    public static Faults None { get; } = new(null);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Pass(FaultPoint point) => handler?.Invoke(point);
}
