using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// Stores weights in few bits: a constant that Conv, ConvTranspose, Gemm, MatMul, a recurrence or a Gather of rows uses as its weight
/// becomes codes and scales, and a DequantizeLinear (a Cast, for narrow floats) that makes numbers of them again. What the
/// network computes changes by the rounding of the weights and by nothing else.
/// </summary>
public sealed class QuantizeWeights(WeightScheme scheme) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "quantize-weights";

    /// <inheritdoc/>
    public override string Summary => "store weights as codes of few bits, and scales";

    /// <inheritdoc/>
    public override ValueEffects Effects => ValueEffects.Weights;

    /// <inheritdoc/>
    public override IReadOnlyList<PassOption> Options =>
    [
        new("format", Scheme.Format.Name, $"the codes: {string.Join(", ", WeightFormat.All.Select(f => f.Name))}"),
        new("group", Scheme.Groups.ToString(), "weights along the reduction axis that share a scale: a number, channel or tensor"),
        new("scales", Scheme.Search == ScaleSearch.AbsMax ? "absmax" : "mse", "how scales are chosen: by the largest magnitude (absmax) or by the least squared error (mse)"),
        new("min-elements", MinElements, "elements below which a weight stays as it is"),
        .. base.Options,
    ];

    /// <summary>How weights are quantised.</summary>
    public WeightScheme Scheme => scheme;

    /// <summary>Elements below which a weight stays as it is: its scales, and the layer that applies them, would cost what its codes save.</summary>
    public int MinElements { get; init; } = DefaultMinElements;

    /// <summary>The default of <see cref="MinElements"/>.</summary>
    public const int DefaultMinElements = 1000;

    /// <summary>Names of weights, or of layers that use them, that stay as they are.</summary>
    public ImmutableHashSet<string> Kept { get; init; } = [];

    /// <summary>What a weight is multiplied with, measured; null, or null for a weight, where each weight is to be rounded for itself.</summary>
    public Func<Constant, InputMoments?>? Moments { get; init; }

    /// <summary>Hears of each weight, whether it is quantised or stays as it was.</summary>
    public Action<WeightReport>? Seen { get; init; }

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var (weight, layer, operand, layout) in Weights(context.Network))
        {
            string name = LayerName(layer);
            if (weight.Constant!.Count < MinElements) continue;
            if (Kept.Contains(weight.Name) || Kept.Contains(name))
            {
                Seen?.Invoke(new(weight.Name, name, weight.Constant.Count, null, null, "it was asked to be kept"));
                continue;
            }
            float[] values = Values(weight.Constant, layout);
            if (WeightQuantizer.Obstacle(values, scheme.Format) is { } obstacle)
            {
                Seen?.Invoke(new(weight.Name, name, weight.Constant.Count, null, null, obstacle));
                continue;
            }
            var quantized = WeightQuantizer.Quantize(values, weight.TensorType.ElementType, layout, scheme, layout.MatrixOf(layer, operand), Moments?.Invoke(weight.Constant));
            var patch = context.NewPatch(Name);
            patch.Replace(weight, Restored(patch, weight, quantized, layout));
            Seen?.Invoke(new(weight.Name, name, weight.Constant.Count, scheme, quantized.SnrDb, null));
            yield return patch;
        }
    }

    // Each constant that some layer uses as its weight, with the first such layer.
    private IEnumerable<(Value Weight, Layer Layer, int Operand, WeightLayout Layout)> Weights(Network network)
    {
        var known = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var layer in network.Layers)
        {
            for (int i = 0; i < layer.Inputs.Length; i++)
            {
                if (layer.Inputs[i] is not { Constant: { } constant } weight || !IsWide(constant.Type.ElementType) || constant.Dims.Length < 2 || known.Contains(weight)) continue;
                if (WeightLayout.Of(layer, i, scheme.Groups) is not { } layout) continue;
                known.Add(weight);
                yield return (weight, layer, i, layout);
            }
        }
    }

    // Wider than the codes; binary64 is left to those who chose it.
    private bool IsWide(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 && type.Bits() > scheme.Format.Codes.Bits();

    private static float[] Values(Constant constant, WeightLayout layout)
    {
        var dims = constant.Dims;
        bool isNatural = layout.Axes.Select((a, i) => a == i).All(same => same);
        var ordered = isNatural ? constant : ConstantExpressions.Apply(new Transpose { Perm = [.. layout.Axes.Select(a => (long)a)] }, constant);
        var tensor = ordered.Materialize();
        return tensor.ElementType == ElementType.Float32 ? tensor.Span<float>().ToArray() : Array.ConvertAll(tensor.ToDoubles(), v => (float)v);
    }

    private static Value Restored(NetworkPatch patch, Value weight, QuantizedWeight quantized, WeightLayout layout)
    {
        var codes = patch.Constant(quantized.Codes, $"{weight.Name}.codes");
        var type = weight.TensorType.ElementType;
        var numbers = quantized.Scale is null
            ? patch.Add(new Cast { To = type }, codes)
            : patch.Add(new DequantizeLinear { Axis = layout.Axis ?? 1, BlockSize = layout.Block }, codes, patch.Constant(quantized.Scale, $"{weight.Name}.scale"),
                quantized.ZeroPoint is null ? null : patch.Constant(quantized.ZeroPoint, $"{weight.Name}.zero_point"));
        int[] dims = weight.Constant!.Dims.ToArray(), ordered = [.. layout.Axes.Select(a => dims[a])];
        if (!layout.Dims.AsSpan().SequenceEqual(ordered))
            numbers = patch.Add(new Reshape(), numbers, patch.Constant(Constant.Of(Tensor.Vector<long>([.. ordered.Select(d => (long)d)])), $"{weight.Name}.shape"));
        // The inverse of moving one axis to the front.
        return ordered.AsSpan().SequenceEqual(dims) && layout.Axes[0] == 0 ? numbers
            : patch.Add(new Transpose { Perm = [.. Enumerable.Range(0, dims.Length).Select(a => (long)layout.Axes.IndexOf(a))] }, numbers);
    }

    private static string LayerName(Layer layer) => layer.Name.Length > 0 ? layer.Name : layer.Outputs.FirstOrDefault(o => o is not null)?.Name ?? "";
}
