using System.Globalization;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Cast"/>: every conversion rounds once.</summary>
internal static class CastReference
{
    private const int E8M0Bias = 127, E8M0Largest = 254, E8M0NaN = 255;

    public static Tensor Evaluate(Cast op, ReferenceContext context)
    {
        var x = context[0];
        var to = op.To!.Value;
        var dims = x.Dims.AsSpan();
        if (x.ElementType == to) return x;
        if (x.ElementType == ElementType.String) return FromStrings(op, x, to);
        if (to == ElementType.String) return Tensor.FromStrings(dims, Print(x));
        if (to == ElementType.Float8E8M0) return Powers(op, x);
        bool integers = !x.ElementType.IsFloat();
        if (to.IsFloat()) return FromDoubles(to, dims, integers && to != ElementType.Float64 ? Sticky(x) : x.ToDoubles(), op.Saturate);
        return integers ? Tensor.FromInt64s(to, dims, x.ToInt64s()) : Tensor.FromDoubles(to, dims, x.ToDoubles());
    }

    // Bounding is a matter of 8-bit floats only; the others have infinities, or, as f4, always bound.
    private static Tensor FromDoubles(ElementType to, ReadOnlySpan<int> dims, ReadOnlySpan<double> values, bool saturate) =>
        Tensor.FromDoubles(to, dims, values, saturate && to.Bits() == 8);

    // 64-bit integers as binary64, the lowest mantissa bit set when bits were lost ("round to odd"): rounding such a value
    // to a narrower float gives what rounding the integer itself would.
    private static double[] Sticky(Tensor x)
    {
        if (x.ElementType is not (ElementType.Int64 or ElementType.UInt64)) return x.ToDoubles();
        bool signed = x.ElementType == ElementType.Int64;
        return Array.ConvertAll(x.ToInt64s(), v =>
        {
            bool negative = signed && v < 0;
            ulong magnitude = unchecked(negative ? (ulong)-v : (ulong)v);
            double value = magnitude < 1UL << 53 ? magnitude : Math.ScaleB((magnitude >> 11) | ((magnitude & 0x7FF) != 0 ? 1UL : 0), 11);
            return negative ? -value : value;
        });
    }

    private static Tensor Powers(Cast op, Tensor x)
    {
        var result = Tensor.Zeros(ElementType.Float8E8M0, x.Dims.AsSpan());
        var values = x.ToDoubles();
        for (int i = 0; i < values.Length; i++) result.MutableBytes[i] = (byte)Power(op, values[i]);
        return result;
    }

    // ONNX leaves negative values open; having no sign, the format calls them NaN.
    private static int Power(Cast op, double value)
    {
        if (double.IsNaN(value) || value < 0) return E8M0NaN;
        if (value == 0) return op.Saturate ? 0 : E8M0NaN;
        if (double.IsInfinity(value)) return op.Saturate ? E8M0Largest : E8M0NaN;
        int exponent = Math.ILogB(value);
        double fraction = Math.ScaleB(value, -exponent);
        bool up = op.RoundMode switch
        {
            PowerRounding.Up => fraction > 1,
            PowerRounding.Nearest => fraction >= 1.5,
            _ => false,
        };
        int code = exponent + E8M0Bias + (up ? 1 : 0);
        if (code is >= 0 and <= E8M0Largest) return code;
        return op.Saturate ? Math.Clamp(code, 0, E8M0Largest) : E8M0NaN;
    }

    private static Tensor FromStrings(Cast op, Tensor x, ElementType to)
    {
        var dims = x.Dims.AsSpan();
        string[] texts = [.. x.Strings.ToArray().Select(s => s.Trim())];
        return to switch
        {
            ElementType.Float32 => Tensor.From<float>(dims, Array.ConvertAll(texts, Parse<float>)),
            ElementType.Float16 => Tensor.From<Half>(dims, Array.ConvertAll(texts, Parse<Half>)),
            ElementType.Float8E8M0 => Powers(op, Tensor.From<double>(dims, Array.ConvertAll(texts, Parse<double>))),
            ElementType.UInt64 => Tensor.From<ulong>(dims, Array.ConvertAll(texts, ParseUnsigned)),
            _ when to.IsInteger() => Tensor.FromInt64s(to, dims, Array.ConvertAll(texts, ParseSigned)),
            _ => FromDoubles(to, dims, Array.ConvertAll(texts, Parse<double>), op.Saturate),
        };
    }

    private static T Parse<T>(string text) where T : System.Numerics.IFloatingPointIeee754<T>
    {
        // "INF" in any case is infinity; .NET knows "Infinity" and, in the invariant culture, "NaN" in any case.
        string unsigned = text.TrimStart('+', '-');
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) && text.Length - unsigned.Length <= 1)
            return text[0] == '-' ? T.NegativeInfinity : T.PositiveInfinity;
        return T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : throw NotANumber(text);
    }

    private static long ParseSigned(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : (long)Parse<double>(text);

    private static ulong ParseUnsigned(string text) => ulong.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ulong value) ? value : unchecked((ulong)ParseSigned(text));

    private static InvalidInputException NotANumber(string text) => ReferenceContext.Fail($"'{text}' is not a number");

    // Floats with the fewest digits that read back to the same value.
    private static string[] Print(Tensor x) => x.ElementType switch
    {
        ElementType.Float64 => Array.ConvertAll(x.ToDoubles(), v => Print(v, v)),
        ElementType.Float16 => Array.ConvertAll(x.Span<Half>().ToArray(), v => Print((double)v, v)),
        ElementType.UInt64 => Array.ConvertAll(x.Span<ulong>().ToArray(), v => v.ToString(CultureInfo.InvariantCulture)),
        _ when x.ElementType.IsFloat() => Array.ConvertAll(x.ToDoubles(), v => Print(v, (float)v)),
        _ => Array.ConvertAll(x.ToInt64s(), v => v.ToString(CultureInfo.InvariantCulture)),
    };

    private static string Print(double value, IFormattable precise) => value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "INF",
        double.NegativeInfinity => "-INF",
        _ => precise.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant(),
    };
}
