using System.Runtime.CompilerServices;

namespace Penstock.Runtime.Tests.Model;

/// <summary>An invariant that does not hold.</summary>
sealed class Violation(string invariant, string what) : Exception($"{invariant}: {what}")
{
    /// <summary>Which one, as in <c>I2</c>.</summary>
    public string Invariant => invariant;

    public static void Unless(bool holds, string invariant, [InterpolatedStringHandlerArgument(nameof(holds))] ref Text what)
    {
        if (!holds)
        {
            throw new Violation(invariant, what.ToString());
        }
    }

    /// <summary>A text that is made only when the invariant does not hold: nearly always it does.</summary>
    [InterpolatedStringHandler]
    public ref struct Text
    {
        DefaultInterpolatedStringHandler _text;

        public Text(int literals, int values, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = isNeeded ? new DefaultInterpolatedStringHandler(literals, values) : default;
        }

        public void AppendLiteral(string literal) => _text.AppendLiteral(literal);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}
