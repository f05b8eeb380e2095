using System.Globalization;
using System.Numerics;
using System.Text;
using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>
/// Constants in the text form: up to <see cref="Limits.InlineElements"/> elements stand inline, larger ones as their hash.
/// Numbers round-trip bit for bit: a NaN prints as its bits.
/// </summary>
public static class ConstantText
{
    /// <summary><c>[1, 2, 3]</c>, <c>0.5</c> for a scalar, or <c>@</c> and the hash.</summary>
    public static string Print(Constant constant)
    {
        if (constant.Count > Limits.InlineElements) return $"@{constant.Hash}";
        var tensor = constant.Materialize();
        var items = Enumerable.Range(0, tensor.Count).Select(i => Element(tensor, i));
        return tensor.Rank == 0 ? items.First() : $"[{string.Join(", ", items)}]";
    }

    /// <summary>Element type, dimensions and elements, where no declaration gives the first two: <c>f32[2] [0.5, 0.25]</c>.</summary>
    public static string PrintTyped(Constant constant) => $"{constant.Type} {Print(constant)}";

    private static string Element(Tensor tensor, int i) => tensor.ElementType switch
    {
        ElementType.Float32 => Single(tensor.Span<float>()[i]),
        ElementType.Float64 => Double(tensor.Span<double>()[i]),
        ElementType.Complex64 => $"({Single(tensor.Span<Vector2>()[i].X)}, {Single(tensor.Span<Vector2>()[i].Y)})",
        ElementType.Complex128 => $"({Double(tensor.Span<Complex>()[i].Real)}, {Double(tensor.Span<Complex>()[i].Imaginary)})",
        ElementType.Bool => tensor.Span<byte>()[i] switch { 0 => "false", 1 => "true", var other => $"0x{other:x2}" },
        ElementType.String => TextQuoting.Quote(tensor.Strings[i]),
        ElementType.Int64 => tensor.Span<long>()[i].ToString(CultureInfo.InvariantCulture),
        ElementType.UInt64 => tensor.Span<ulong>()[i].ToString(CultureInfo.InvariantCulture),
        ElementType.Int32 => tensor.Span<int>()[i].ToString(CultureInfo.InvariantCulture),
        ElementType.UInt32 => tensor.Span<uint>()[i].ToString(CultureInfo.InvariantCulture),
        var type => Small(type, tensor.GetBits(i)),
    };

    private static string Small(ElementType type, int code)
    {
        int width = type.Bits();
        if (type.Kind() == ElementKind.Unsigned) return code.ToString(CultureInfo.InvariantCulture);
        if (type.Kind() == ElementKind.Signed) return (code << (32 - width) >> (32 - width)).ToString(CultureInfo.InvariantCulture);
        double value = type == ElementType.Float16 ? (double)BitConverter.Int16BitsToHalf((short)code) : SmallFloat.Of(type)!.Decode(code);
        return double.IsNaN(value) ? $"0x{code.ToString($"x{(width + 3) / 4}", CultureInfo.InvariantCulture)}" : Single((float)value);
    }

    /// <summary>The shortest decimal that reads back to the same bits; NaN as its bits, <c>0x7fc00000</c>.</summary>
    public static string Single(float value) => float.IsNaN(value)
        ? $"0x{BitConverter.SingleToUInt32Bits(value):x8}"
        : float.IsInfinity(value) ? (value < 0 ? "-inf" : "inf") : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The shortest decimal that reads back to the same bits; NaN as its bits.</summary>
    public static string Double(double value) => double.IsNaN(value)
        ? $"0x{BitConverter.DoubleToUInt64Bits(value):x16}"
        : double.IsInfinity(value) ? (value < 0 ? "-inf" : "inf") : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Appends a comment with statistics of a constant that does not stand inline.</summary>
    internal static void AppendStatistics(StringBuilder builder, Constant constant)
    {
        if (constant.Count <= Limits.InlineElements || constant.Type.ElementType == ElementType.String) return;
        var values = constant.Materialize().ToDoubles();
        double least = values.Min(), most = values.Max(), mean = values.Average();
        builder.Append(CultureInfo.InvariantCulture, $" // min {least:G4}, max {most:G4}, mean {mean:G4}");
    }
}
