using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Cross-correlation of x <c>[N, C, spatial…]</c> with w <c>[M, C/group, kernel…]</c>, plus an optional bias <c>[M]</c>,
/// to <c>[N, M, out…]</c>; zero padding.
/// </summary>
public sealed record Conv : Operator
{
    /// <summary>Window geometry.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>Number of channel groups.</summary>
    public long Group { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Window = Window.Walk(walker), Group = walker.Int("group", Group) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        TensorType x = context.Input(0), w = context.Input(1);
        if (w.ElementType != x.ElementType) throw context.Fail($"weights are {w.ElementType.Name()}, the input is {x.ElementType.Name()}");
        if (context.Has(2)) context.Allow(2, x.ElementType.Name(), t => t == x.ElementType);
        context.Output(0, x.ElementType, OutputShape(context, x.Shape, w.Shape, Window, Group));
    }

    /// <summary>The output shape of a convolution, shared by its float, integer and quantised forms.</summary>
    internal static Shape? OutputShape(InferenceContext context, Shape? x, Shape? w, WindowAttributes window, long group)
    {
        if (group < 1) throw context.Fail($"group must be positive, is {group}");
        int? rank = x?.Rank ?? w?.Rank;
        if (rank is null) return null;
        if (rank < 3) throw context.Fail($"input and weights need rank 3 or more, have {rank}");
        if (x is not null && w is not null)
        {
            if (x.Rank != w.Rank) throw context.Fail($"input has rank {x.Rank}, weights have rank {w.Rank}");
            context.Same(x[1], w[1] * group, $"group times the weights' input channels must be the input's channels; group is {group}");
            if (w[0].Constant is { } m && m % group != 0) throw context.Fail($"group must divide output channels; group is {group}, channels {m}");
        }
        var dims = new Dim[rank.Value];
        dims[0] = x?[0] ?? context.Fresh();
        dims[1] = w?[0] ?? context.Fresh();
        window.CheckRank(context, rank.Value - 2);
        for (int d = 0; d < rank - 2; d++)
        {
            Dim kernel = window.KernelShape.IsEmpty ? w?[d + 2] ?? context.Fresh() : window.KernelShape[d];
            if (!window.KernelShape.IsEmpty && w is not null) context.Same(w[d + 2], kernel, "kernel_shape must be the weights' spatial shape");
            dims[d + 2] = x is null ? context.Fresh() : window.Output(context, d, x[d + 2], kernel, ceil: false);
        }
        return Shape.Create(dims);
    }
}
