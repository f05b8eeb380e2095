using System.Collections.Immutable;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>
/// A convolution or product of dequantised codes whose result is quantised again, as one layer of codes. <paramref name="Layers"/> are
/// positions among the planned layers: what multiplies, then what follows it; <paramref name="Source"/> is the layer that dequantises the data.
/// </summary>
internal sealed record QuantizedLayer(KernelRequest Request, ImmutableArray<int> Layers, Layer Source, ImmutableArray<Value?> Inputs, Value Output);

/// <summary>
/// Finds <c>dequantise → convolve or multiply → bound → quantise</c>. Codes are multiplied and summed exactly and requantised as
/// <see cref="QLinearConv"/> and <see cref="QLinearMatMul"/> do it, which is nearer to the exact result than sums of f32 are.
/// </summary>
internal sealed class QuantizedLayers(NetworkWalk walk, IReadOnlyList<WalkedLayer> layers, IReadOnlyDictionary<Value, List<int>> consumers, IReadOnlySet<Value> lasting, PackedWeights weights)
{
    /// <summary>What layer <paramref name="index"/> and those around it are as one, or null.</summary>
    public QuantizedLayer? Find(int index)
    {
        var walked = layers[index];
        var layer = walked.Layer;
        if (!walked.IsAddressable || layer.Operator is not (Conv or MatMul) || layer.Outputs.Length != 1) return null;
        if (Dequantized(layer.Inputs[0]) is not { } data || data.Codes.Constant is not null || data.Scale.Count != 1) return null;
        if (Dequantized(layer.Inputs[1]) is not { Codes.Constant: not null } filters || !IsAlong(filters, layer.Operator is Conv ? 0 : 1)) return null;
        KernelOperand? bias = null;
        if (layer.Inputs.Length > 2 && layer.Inputs[2] is { } added && (bias = Bias(added, data.Scale, filters.Scale)) is null) return null;
        var found = ImmutableArray.CreateBuilder<int>();
        found.Add(index);
        int? following = Follower(index);
        if (following is { } bounded && layers[bounded].Layer.Operator is Relu or Clip)
        {
            found.Add(bounded);
            following = Follower(bounded);
        }
        if (following is not { } last || layers[last] is not { IsAddressable: true, Layer: { Operator: QuantizeLinear { Precision: null or ElementType.Float32 } } quantize } || layers[last].Outputs[0] is not { } output) return null;
        found.Add(last);
        if (quantize.Inputs.Length < 3 || !IsOne(quantize.Inputs[1]) || !IsOne(quantize.Inputs[2]) || !QuantizedOperands.IsByte(output.Type)) return null;
        if (found.Count == 3 && !IsImplied(layers[found[1]], Scalar(quantize.Inputs[1]!), Scalar(quantize.Inputs[2]!), output.Type)) return null;

        Value?[] inputs = layer.Operator is Conv
            ? [data.Codes, data.ScaleValue, data.Zero, filters.Codes, filters.ScaleValue, filters.Zero, quantize.Inputs[1], quantize.Inputs[2], null]
            : [data.Codes, data.ScaleValue, data.Zero, filters.Codes, filters.ScaleValue, filters.Zero, quantize.Inputs[1], quantize.Inputs[2]];
        Operator op = layer.Operator is Conv conv ? new QLinearConv { Window = conv.Window, Group = conv.Group } : new QLinearMatMul();
        var request = new KernelRequest(op, [.. inputs.Select((v, i) => i == 8 ? bias : walk.OperandOf(v))], [output], Epilogue.None, weights);
        return new(request, found.ToImmutable(), layer.Inputs[0]!.Producer!, [.. inputs], quantize.Outputs[0]!);
    }

    private readonly record struct Codes8(DequantizeLinear Operator, Value Codes, Value ScaleValue, Tensor Scale, Value? Zero);

    private Codes8? Dequantized(Value? value)
    {
        if (value?.Producer is not { Operator: DequantizeLinear { BlockSize: 0 } op } layer || layer.Inputs[0] is not { } codes || layer.Inputs[1] is not { Constant: { } scale } scaleValue) return null;
        if (codes.Type is not TensorType { ElementType: ElementType.Int8 or ElementType.UInt8 } || scale.Type.ElementType != ElementType.Float32 || value.Type is not TensorType { ElementType: ElementType.Float32 }) return null;
        var zero = layer.Inputs.Length > 2 ? layer.Inputs[2] : null;
        return zero is null or { Constant: not null } ? new(op, codes, scaleValue, scale.Materialize(), zero) : null;
    }

    private static bool IsAlong(Codes8 codes, int axis) => codes.Scale.Count == 1 || codes.Codes.Type is TensorType { Rank: { } rank } && (codes.Operator.Axis + rank) % rank == axis && (axis == 0 || rank == 2);

    // The codes of a known bias that counts in steps of both scales, to the last roundings of f32.
    private KernelOperand? Bias(Value bias, Tensor data, Tensor filters)
    {
        const double rounding = 4e-7;
        if (walk.OperandOf(bias) is not { Type: ElementType.Float32, Constant: { } known } operand) return null;
        double[] numbers = known.Materialize().ToDoubles(), scales = filters.ToDoubles();
        double factor = data.ToDoubles()[0];
        if (scales.Length != 1 && scales.Length != numbers.Length) return null;
        var codes = new long[numbers.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            double steps = numbers[i] / (factor * scales[scales.Length == 1 ? 0 : i]);
            if (!(Math.Abs(steps - Math.Round(steps)) <= rounding * Math.Abs(steps)) || Math.Abs(steps) > int.MaxValue) return null;
            codes[i] = (long)Math.Round(steps);
        }
        return new(ElementType.Int32, operand.Dims, weights.Get(known, $"bias.{Convert.ToHexString(data.Bytes.Span)}.{Convert.ToHexString(filters.Bytes.Span)}", _ => Constant.Of(Tensor.FromInt64s(ElementType.Int32, operand.Dims, codes))));
    }

    // The layer that alone uses a layer's result.
    private int? Follower(int index)
    {
        var value = layers[index].Layer.Outputs[0]!;
        return !lasting.Contains(value) && consumers.TryGetValue(value, out var users) && users.Count == 1 && layers[users[0]].Layer.Inputs[0] == value ? users[0] : null;
    }

    private static bool IsOne(Value? value) => value?.Constant is { Count: 1 };

    private static double Scalar(Value value) => value.Constant!.Materialize().ToDoubles()[0];

    // True when the codes' own range bounds results no less than the layer does.
    private static bool IsImplied(WalkedLayer bound, double scale, double zero, ElementType codes)
    {
        double least = codes == ElementType.Int8 ? sbyte.MinValue : 0, most = least + byte.MaxValue;
        if (!(scale > 0)) return false;
        if (bound.Layer.Operator is Relu) return zero <= least;
        return Reaches(1, low => Math.Round(low / scale) + zero <= least) && Reaches(2, high => Math.Round(high / scale) + zero >= most);

        bool Reaches(int input, Func<double, bool> holds) => bound.Layer.Inputs.Length <= input || bound.Layer.Inputs[input] is not { } value || value.Constant is { Count: 1 } && holds(Scalar(value));
    }
}
