using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Normalises the axes from one axis on, then scales (and shifts) by operands that broadcast to x.</summary>
public abstract record TrailingNormalization : Operator
{
    /// <summary>The first normalised axis, in [−rank, rank).</summary>
    public long Axis { get; init; } = -1;

    /// <summary>Added to the variance or mean square.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The type in which statistics are kept: f32 or bf16; at least that precision.</summary>
    public ElementType? StashType { get; init; } = ElementType.Float32;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        Epsilon = walker.Float("epsilon", Epsilon),
        StashType = walker.Type("stash_type", StashType),
    };

    /// <summary>Largest number of outputs: the result and the statistics.</summary>
    protected abstract int MostOutputs { get; }

    /// <summary>Largest number of inputs: x, scale and perhaps a bias.</summary>
    protected abstract int MostInputs { get; }

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, MostInputs);
        if (context.OutputCount > MostOutputs) throw context.Fail($"{context.OutputCount} outputs are wanted, there are {MostOutputs}");
        if (StashType?.IsFloat() != true) throw context.Fail($"stash_type must be a floating-point type, is {StashType?.Name() ?? "undefined"}");
        var x = context.Input(0);
        for (int i = 0; i < context.InputCount; i++)
        {
            if (!context.Has(i)) continue;
            context.Allow(i, "floating point", ElementTypes.IsFloat);
            if (i > 0) NormalizationShapes.BroadcastsTo(context, i, x.Shape);
        }
        context.Output(0, context.Input(1).ElementType == x.ElementType ? x : x with { ElementType = OutputType(context) });
        if (x.Shape is not { } shape)
        {
            for (int i = 1; i < context.OutputCount; i++) context.Output(i, StashType.Value, null);
            return;
        }
        for (int d = context.Axis(Axis, shape.Rank); d < shape.Rank; d++) shape = shape.With(d, 1);
        for (int i = 1; i < context.OutputCount; i++) context.Output(i, StashType.Value, shape);
    }

    /// <summary>The type of the first output when x and scale differ in type.</summary>
    protected virtual ElementType OutputType(InferenceContext context) => throw context.Fail($"scale is {context.Input(1).ElementType.Name()}, the input is {context.Input(0).ElementType.Name()}");
}

/// <summary>
/// <c>(x − mean) / √(var + epsilon) · scale + bias</c> over the axes from <see cref="TrailingNormalization.Axis"/> on.
/// Optional further outputs: mean and 1/√(var + epsilon), with normalised axes of extent 1.
/// </summary>
public sealed record LayerNormalization : TrailingNormalization
{
    /// <inheritdoc/>
    protected override int MostInputs => 3;

    /// <inheritdoc/>
    protected override int MostOutputs => 3;
}

/// <summary>
/// <c>x / √(mean(x²) + epsilon) · scale</c> over the axes from <see cref="TrailingNormalization.Axis"/> on; the result has
/// the type of the scale.
/// </summary>
public sealed record RmsNormalization : TrailingNormalization
{
    /// <inheritdoc/>
    protected override int MostInputs => 2;

    /// <inheritdoc/>
    protected override int MostOutputs => 1;

    /// <inheritdoc/>
    protected override ElementType OutputType(InferenceContext context) => context.Input(1).ElementType;
}
