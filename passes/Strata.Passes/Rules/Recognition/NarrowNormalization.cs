using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>Cast(Norm(Cast(x), s, b))</c> → <c>Norm(x, s, b)</c>, for a layer or RMS normalisation of 16-bit x that is computed in f32, where the 16-bit type holds
/// s and b; and <c>Norm(x, 1) · w</c> → <c>Norm(x, w)</c>. The operators keep statistics in f32 anyway.
/// </summary>
public sealed class NarrowNormalization : IRule
{
    private const int MostElements = 1 << 22;

    /// <inheritdoc/>
    public string Name => "narrow-normalization";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context) => layer.Operator switch
    {
        Cast { To: ElementType.Float16 or ElementType.BFloat16 } => Narrow(layer, context),
        Mul => Scaled(layer, context),
        _ => null,
    };

    private NetworkPatch? Narrow(Layer layer, RewriteContext context)
    {
        var region = new Region(layer, context);
        if (region.Add<TrailingNormalization>(layer.Inputs[0]) is not { Operator: TrailingNormalization { StashType: ElementType.Float32 } op, Inputs: [{ Producer: { Operator: Cast } widening, TensorType.ElementType: ElementType.Float32 }, ..] } norm || layer.Inputs[0] != norm.Outputs[0]) return null;
        var (x, type) = (widening.Inputs[0]!, region.Result.TensorType.ElementType);
        if (x.TensorType.ElementType != type || !region.IsClosed || norm.Inputs.Skip(1).Any(i => i is not null && !Holds(type, i.Constant))) return null;
        var patch = context.NewPatch(Name);
        Value?[] operands = [patch.Tap(x), .. norm.Inputs.Skip(1).Select(i => i is null ? null : patch.Constant(ConstantExpressions.Apply(new Cast { To = type }, i.Constant!), i.Name))];
        return region.Replace(patch, op, operands);
    }

    private NetworkPatch? Scaled(Layer layer, RewriteContext context)
    {
        if (ConstantOperand.Scale(layer) is not { KeepsShape: true } scaled) return null;
        var region = new Region(layer, context);
        if (region.Add<TrailingNormalization>(scaled.Operand) is not { Operator: TrailingNormalization op, Inputs: [{ } x, { Constant: { } ones }] } norm || scaled.Operand != norm.Outputs[0] || !region.IsClosed) return null;
        int[] dims = [.. scaled.Constant.Constant!.Dims], last = [.. dims.SkipWhile(static d => d == 1)];
        if (ones.Count > MostElements || !last.AsSpan().SequenceEqual(ones.Dims) || !ones.Materialize().ToDoubles().All(static e => e == 1)) return null;
        var patch = context.NewPatch(Name);
        return region.Replace(patch, op, patch.Tap(x), patch.Constant(Channels.Reshape(scaled.Constant.Constant, last), scaled.Constant.Name));
    }

    private static bool Holds(ElementType type, Constant? constant)
    {
        if (constant is null || constant.Count > MostElements) return false;
        var elements = constant.Materialize().ToDoubles();
        return Tensor.FromDoubles(type, constant.Dims, elements).ToDoubles().AsSpan().SequenceEqual(elements);
    }
}
