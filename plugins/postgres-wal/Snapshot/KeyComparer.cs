using System.Diagnostics.CodeAnalysis;

namespace Penstock.Sources.PostgresWal;

/// <summary>Compares keys by their bytes.</summary>
sealed class KeyComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static KeyComparer Instance { get; } = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode([DisallowNull] ReadOnlyMemory<byte> obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj.Span);
        return hash.ToHashCode();
    }
}
