using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// <c>(x − mean) / √(var + epsilon) · scale + bias</c> per channel (the second dimension) of x <c>[N, C, …]</c>; scale, bias,
/// mean, var <c>[C]</c>. In training mode mean and variance come from x, and the second and third output are the running
/// statistics <c>old · momentum + current · (1 − momentum)</c>.
/// </summary>
public sealed record BatchNormalization : Operator
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Share of the old running statistics.</summary>
    public float Momentum { get; init; } = 0.9f;

    /// <summary>True when x itself gives the statistics.</summary>
    public bool TrainingMode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Epsilon = walker.Float("epsilon", Epsilon),
        Momentum = walker.Float("momentum", Momentum),
        TrainingMode = walker.Flag("training_mode", TrainingMode),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(5, 5);
        var x = context.Input(0);
        if (x.Rank == 0) throw context.Fail("the input needs rank 1 or more, is a scalar");
        if (context.OutputCount > 1 && !TrainingMode) throw context.Fail("running statistics are outputs in training mode only");
        Dim? channels = x.Shape is null ? null : x.Rank == 1 ? Dim.One : x.Shape[1];
        for (int i = 0; i < 5; i++)
        {
            context.Allow(i, "floating point", ElementTypes.IsFloat);
            if (i > 0) channels = NormalizationShapes.Vector(context, i, channels);
        }
        context.Output(0, x);
        for (int i = 1; i < 3; i++) context.Output(i, context.Input(3).ElementType, [channels ?? context.Fresh()]);
    }
}
