using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>What became of one weight.</summary>
/// <param name="Name">The weight.</param>
/// <param name="Layer">The first layer that uses it, by name or, without one, by its result.</param>
/// <param name="Elements">Its number of elements.</param>
/// <param name="Scheme">How it is stored; null where it stays as it was.</param>
/// <param name="SnrDb">10·log₁₀ of the weights' energy over that of their errors; infinite where there are none.</param>
/// <param name="KeptBecause">Why it stays as it was, or null.</param>
public sealed record WeightReport(string Name, string Layer, int Elements, WeightScheme? Scheme, double? SnrDb, string? KeptBecause);

/// <summary>Codes of a weight and what makes numbers of them again.</summary>
internal sealed record QuantizedWeight(Constant Codes, Constant? Scale, Constant? ZeroPoint, double SnrDb);

/// <summary>Quantises one weight.</summary>
internal static class WeightQuantizer
{
    /// <summary>Why a weight cannot be stored in a format; null when it can.</summary>
    public static string? Obstacle(ReadOnlySpan<float> values, WeightFormat format)
    {
        float largest = 0;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) return "it contains NaN or infinity";
            largest = MathF.Max(largest, MathF.Abs(value));
        }
        double most = format.Codes == ElementType.Float16 ? (double)Half.MaxValue : format.IsScaled ? double.MaxValue : SmallFloat.Of(format.Codes)!.MaxValue;
        return largest > most ? $"its largest magnitude {largest:G4} exceeds {format.Name}" : null;
    }

    /// <summary>Quantises finite values, given in the order of the layout's codes.</summary>
    public static QuantizedWeight Quantize(float[] values, ElementType type, WeightLayout layout, WeightScheme scheme, WeightMatrix? matrix = null, InputMoments? moments = null)
    {
        if (!scheme.Format.IsScaled)
        {
            var narrow = Tensor.FromDoubles(scheme.Format.Codes, layout.Dims.AsSpan(), Array.ConvertAll(values, v => (double)v));
            return new(Constant.Of(narrow), null, null, Snr(values, narrow.ToDoubles()));
        }
        var grid = new ScaleGrid(scheme.ScaleBits, type);
        var quantizer = new GroupQuantizer(scheme.Format, grid, scheme.Search);
        var (codes, chosen) = scheme.Format.IsInteger && matrix is not null && moments is { Count: > 0 }
            ? new CompensatedRounding(quantizer, layout, matrix, moments, values).Run()
            : Nearest(quantizer, scheme.Format, layout, values);
        // A group of zeros takes the parameters of the one before, which cost nothing.
        var parameters = new GroupParameters[chosen.Length];
        for (int g = 0; g < parameters.Length; g++) parameters[g] = chosen[g] ?? (g == 0 ? default : parameters[g - 1]);
        FillZeros(codes, chosen, parameters, layout);
        var scales = Array.ConvertAll(parameters, p => (double)grid[p.ScaleIndex]);
        var scale = Tensor.FromDoubles(type, layout.ScaleDims.AsSpan(), scales);
        var zeroPoint = scheme.Format.HasZeroPoint ? Tensor.FromInt64s(scheme.Format.Codes, layout.ScaleDims.AsSpan(), Array.ConvertAll(parameters, p => (long)p.ZeroPoint)) : null;
        var packed = scheme.Format.IsInteger ? Pack(codes, scheme.Format.Codes, layout) : Floats(values, scheme.Format.Codes, scale, layout);
        return new(Constant.Of(packed), Constant.Of(scale), zeroPoint is null ? null : Constant.Of(zeroPoint), Snr(values, Dequantize(packed, scales, parameters, layout)));
    }

    private static (sbyte[] Codes, GroupParameters?[] Parameters) Nearest(GroupQuantizer quantizer, WeightFormat format, WeightLayout layout, float[] values)
    {
        var parameters = new GroupParameters?[layout.GroupCount];
        var codes = new sbyte[values.Length];
        var group = new float[parameters.Length == 0 ? 0 : Enumerable.Range(0, parameters.Length).Max(g => layout[g].Count)];
        var encoded = new sbyte[group.Length];
        for (int g = 0; g < parameters.Length; g++)
        {
            var range = layout[g];
            var weights = group.AsSpan(0, range.Count);
            range.Gather(values, weights);
            parameters[g] = quantizer.Choose(weights, []);
            if (!format.IsInteger || parameters[g] is not { } chosen) continue;
            quantizer.Encode(weights, chosen, encoded);
            range.Scatter<sbyte>(encoded.AsSpan(0, range.Count), codes);
        }
        return (codes, parameters);
    }

    // Zero is the zero-point of the parameters that a group of zeros came to have.
    private static void FillZeros(sbyte[] codes, GroupParameters?[] chosen, GroupParameters[] parameters, WeightLayout layout)
    {
        for (int g = 0; g < chosen.Length; g++)
        {
            if (chosen[g] is not null || parameters[g].ZeroPoint == 0) continue;
            foreach (int i in layout[g].Indices) codes[i] = unchecked((sbyte)parameters[g].ZeroPoint);
        }
    }

    private static Tensor Pack(sbyte[] codes, ElementType type, WeightLayout layout)
    {
        int bits = type.Bits(), perByte = 8 / bits, mask = (1 << bits) - 1;
        var bytes = new byte[type.ByteCount(codes.Length)];
        for (int i = 0; i < codes.Length; i++) bytes[i / perByte] |= (byte)((codes[i] & mask) << (i % perByte * bits));
        return Tensor.FromBytes(type, layout.Dims.AsSpan(), bytes);
    }

    private static Tensor Floats(float[] values, ElementType type, Tensor scale, WeightLayout layout)
    {
        var scaled = new double[values.Length];
        double[] scales = scale.ToDoubles();
        for (int g = 0; g < scales.Length; g++)
        {
            foreach (int i in layout[g].Indices) scaled[i] = values[i] / scales[g];
        }
        return Tensor.FromDoubles(type, layout.Dims.AsSpan(), scaled, saturate: true);
    }

    private static double[] Dequantize(Tensor codes, double[] scales, GroupParameters[] parameters, WeightLayout layout)
    {
        double[] numbers = codes.ToDoubles();
        for (int g = 0; g < scales.Length; g++)
        {
            foreach (int i in layout[g].Indices) numbers[i] = (numbers[i] - parameters[g].ZeroPoint) * scales[g];
        }
        return numbers;
    }

    private static double Snr(float[] values, double[] stored)
    {
        double signal = 0, noise = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double error = values[i] - stored[i];
            signal += (double)values[i] * values[i];
            noise += error * error;
        }
        return noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
    }
}
