using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How an update meets the element that is there.</summary>
public enum ScatterReduction
{
    /// <summary>It replaces it.</summary>
    None,
    /// <summary>It is added.</summary>
    Add,
    /// <summary>It is multiplied.</summary>
    Mul,
    /// <summary>The larger stays.</summary>
    Max,
    /// <summary>The smaller stays.</summary>
    Min,
}

/// <summary>A copy of data (operand 0) with updates (operand 2) at places that indices (operand 1) tell.</summary>
public abstract record Scattering : Operator
{
    /// <summary>ONNX's names of <see cref="ScatterReduction"/>.</summary>
    internal static readonly ImmutableArray<string> ReductionNames = ["none", "add", "mul", "max", "min"];

    /// <summary>How an update meets the element that is there.</summary>
    public ScatterReduction Reduction { get; init; }

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        TensorType data = context.Input(0), updates = context.Input(2);
        if (updates.ElementType != data.ElementType) throw context.Fail($"updates are {updates.ElementType.Name()}, data is {data.ElementType.Name()}");
        if (Reduction != ScatterReduction.None) context.Allow(0, $"a real number for reduction {ReductionNames[(int)Reduction]}", static t => t.Kind() is not (ElementKind.String or ElementKind.Complex));
        Check(context, data.Shape, context.Input(1), updates.Shape);
        context.Output(0, data.ElementType, data.Shape);
    }

    private protected abstract void Check(InferenceContext context, Shape? data, TensorType indices, Shape? updates);
}

/// <summary>Element by element: output[indices[i][j]][j] = updates[i][j] for axis 0; data, indices (i32 or i64) and updates have one rank.</summary>
public sealed record ScatterElements : Scattering
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        Reduction = (ScatterReduction)walker.Choice("reduction", (int)Reduction, ReductionNames),
    };

    private protected override void Check(InferenceContext context, Shape? data, TensorType indices, Shape? updates)
    {
        context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        if (data is not null) context.Axis(Axis, data.Rank);
        foreach (var other in new[] { indices.Shape, updates })
        {
            if (data is not null && other is not null && other.Rank != data.Rank) throw context.Fail($"data has rank {data.Rank}, indices or updates have rank {other.Rank}");
        }
        if (indices.Shape is null || updates is null) return;
        for (int d = 0; d < updates.Rank; d++) context.Same(indices.Shape[d], updates[d], $"indices and updates share dimension {d}");
    }
}

/// <summary>Sub-tensors of updates <c>[I…, rest…]</c> go where index tuples (i64 <c>[I…, k]</c>) point in data <c>[n1…nk, rest…]</c>.</summary>
public sealed record ScatterND : Scattering
{
    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Reduction = (ScatterReduction)walker.Choice("reduction", (int)Reduction, ReductionNames) };

    private protected override void Check(InferenceContext context, Shape? data, TensorType indices, Shape? updates)
    {
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        if (data is null || indices.Shape is not { } i) return;
        if (i.Rank == 0) throw context.Fail("indices need rank 1 or more");
        if (i[i.Rank - 1].Constant is not { } tuple) return;
        if (tuple < 0 || tuple > data.Rank) throw context.Fail($"index tuples have {tuple} entries, data {data} has {data.Rank} dimensions");
        if (updates is null) return;
        Shape expected = Shape.Create([.. i.Dims[..^1], .. data.Dims[(int)tuple..]]);
        if (updates.Rank != expected.Rank) throw context.Fail($"updates {updates} must be {expected}");
        for (int d = 0; d < updates.Rank; d++) context.Same(updates[d], expected[d], $"updates must be {expected}");
    }
}
