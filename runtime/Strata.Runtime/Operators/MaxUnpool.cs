using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Puts the elements of x <c>[N, C, spatial…]</c> back to where max pooling took them from, zeros elsewhere. Operands: x,
/// the positions (i64, as x) in a tensor of extents <c>stride·(in − 1) + kernel − pads</c>, and an optional larger output
/// shape (i64), into whose leading corner that tensor goes.
/// </summary>
public sealed record MaxUnpool : Operator
{
    /// <summary>Window geometry of the pooling; the kernel shape is required.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Window = Window with
        {
            KernelShape = walker.Ints("kernel_shape", Window.KernelShape),
            Pads = walker.Ints("pads", Window.Pads),
            Strides = walker.Ints("strides", Window.Strides),
        },
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        if (context.Has(2)) context.Allow(2, "i64", static t => t == ElementType.Int64);
        int spatial = Window.KernelShape.Length;
        if (spatial == 0) throw context.Fail("attribute kernel_shape is missing");
        Window.CheckRank(context, spatial);
        var x = context.Input(0);
        if (x.Rank is { } rank && rank != spatial + 2) throw context.Fail($"kernel_shape has {spatial} values, so the input needs rank {spatial + 2}, has {rank}");
        Shape shape = x.Shape ?? context.FreshShape(spatial + 2);
        if (context.Has(2)) shape = context.Contents(2) is { } dims && dims.Length == spatial + 2 ? Shape.Create(dims.AsSpan()) : context.FreshShape(spatial + 2);
        else for (int d = 0; d < spatial; d++) shape = shape.With(d + 2, Extent(shape[d + 2], d));
        context.Output(0, x.ElementType, shape);
    }

    /// <summary>The extent of the pooled tensor along a spatial axis.</summary>
    internal Dim Extent(Dim pooled, int axis)
    {
        var (begin, end) = Window.ExplicitPads(axis);
        return (pooled - 1) * Window.Stride(axis) + Window.KernelShape[axis] - begin - end;
    }
}
