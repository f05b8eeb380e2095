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
/// <param name="others">How weights without a row are stored; null where they stay as they are.</param>
/// <param name="rows">Weights, and layers, with a choice of their own.</param>
public sealed class QuantizeWeights(WeightScheme? others, IReadOnlyList<WeightPlanRow>? rows = null) : RewritePass
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
        new("format", Plan.Others?.Format.Name ?? "none", $"the codes of weights without a row: {string.Join(", ", WeightFormat.All.Select(f => f.Name))}"),
        new("group", Plan.Others?.Groups.ToString() ?? "none", "weights along the reduction axis that share a scale: a number, channel or tensor"),
        new("scales", Plan.Others?.SearchName ?? "none", "how scales are chosen: by the largest magnitude (absmax) or by the least squared error (mse)"),
        new("rows", Plan.Rows.Length, "weights and layers with a choice of their own"),
        new("min-elements", MinElements, "elements below which a weight stays as it is"),
        .. base.Options,
    ];

    /// <summary>How weights are quantised.</summary>
    public WeightPlan Plan { get; } = new(rows ?? [], others);

    /// <summary>Elements below which a weight without a row of its own stays as it is: its scales, and the layer that applies them, would cost what its codes save.</summary>
    public int MinElements { get; init; } = DefaultMinElements;

    /// <summary>The default of <see cref="MinElements"/>.</summary>
    public const int DefaultMinElements = 1000;

    /// <summary>Names of weights, or of layers that use them, that stay as they are.</summary>
    public ImmutableHashSet<string> Kept { get; init; } = [];

    /// <summary>What a weight is multiplied with, measured; null, or null for a weight, where each weight is to be rounded for itself.</summary>
    public Func<Constant, InputMoments?>? Moments { get; init; }

    /// <summary>Weights quantised before, which are looked up here and added; null to do all anew.</summary>
    internal QuantizedWeights? Known { get; init; }

    /// <summary>Hears of each weight, whether it is quantised or stays as it was.</summary>
    public Action<WeightReport>? Seen { get; init; }

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        foreach (var use in WeightUse.In(context.Network, withBodies: false))
        {
            var (weight, name) = (use.Weight, use.LayerName);
            var row = Plan.RowOf(weight.Name, name);
            if (row is null && use.Elements < MinElements) continue;
            string? reason = Kept.Contains(weight.Name) || Kept.Contains(name) ? "it was asked to be kept"
                : row is { Scheme: null } ? "the plan keeps it"
                : row is null && Plan.Others is null ? "the plan does not name it" : null;
            var scheme = row is null ? Plan.Others : row.Scheme;
            if (reason is null && weight.TensorType.ElementType.Bits() <= scheme!.Format.Codes.Bits()) continue; // as narrow already
            var layout = scheme is null ? null : WeightLayout.Of(use.Layer, use.Operand, scheme.Groups);
            float[]? values = reason is null ? Values(weight.Constant!, layout!) : null;
            if (values is not null) reason = WeightQuantizer.Obstacle(values, scheme!.Format);
            if (reason is not null)
            {
                Seen?.Invoke(new(weight.Name, name, use.Elements, null, null, reason));
                continue;
            }
            var quantized = Known?.Find(weight.Constant!, scheme!) ?? WeightQuantizer.Quantize(values!, weight.TensorType.ElementType, layout!, scheme!, layout!.MatrixOf(use.Layer, use.Operand), Moments?.Invoke(weight.Constant!));
            Known?.Add(weight.Constant!, scheme!, quantized);
            var patch = context.NewPatch(Name);
            patch.Replace(weight, Restored(patch, weight, quantized, layout!));
            Seen?.Invoke(new(weight.Name, name, use.Elements, scheme, quantized.SnrDb, null));
            yield return patch;
        }
    }

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
}
