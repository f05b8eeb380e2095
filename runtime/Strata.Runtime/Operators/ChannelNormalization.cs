using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// <c>(x − mean) / √(var + epsilon) · scale + bias</c> with mean and variance over the spatial elements of each channel of
/// each sample of x <c>[N, C, …]</c>; scale and bias <c>[C]</c>.
/// </summary>
public sealed record InstanceNormalization : Operator
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Epsilon = walker.Float("epsilon", Epsilon) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context) => GroupNormalization.InferChannels(context);
}

/// <summary>As <see cref="InstanceNormalization"/>, with mean and variance over groups of consecutive channels.</summary>
public sealed record GroupNormalization : Operator
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Number of groups; divides the channels.</summary>
    public long NumGroups { get; init; } = 1;

    /// <summary>The type in which statistics are kept; at least that precision.</summary>
    public ElementType? StashType { get; init; } = ElementType.Float32;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Epsilon = walker.Float("epsilon", Epsilon),
        NumGroups = walker.Int("num_groups", NumGroups),
        StashType = walker.Type("stash_type", StashType),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (NumGroups < 1) throw context.Fail($"num_groups must be positive, is {NumGroups}");
        InferChannels(context);
        if (context.Input(0).Shape?[1].Constant is { } channels && channels % NumGroups != 0) throw context.Fail($"num_groups must divide the channels; num_groups is {NumGroups}, channels {channels}");
    }

    internal static void InferChannels(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var x = context.Input(0);
        if (x.Rank < 2) throw context.Fail($"the input needs rank 2 or more, has {x.Rank}");
        for (int i = 1; i < 3; i++)
        {
            context.Allow(i, x.ElementType.Name(), t => t == x.ElementType);
            NormalizationShapes.Vector(context, i, x.Shape?[1]);
        }
        context.Output(0, x);
    }
}
