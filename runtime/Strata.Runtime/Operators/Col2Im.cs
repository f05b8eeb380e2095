using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Adds up overlapping blocks: x <c>[N, C·block elements, blocks]</c> to <c>[N, C, image…]</c>. Operands: x, the image's and the
/// block's spatial extents (i64 vectors).
/// </summary>
public sealed record Col2Im : Operator
{
    /// <summary>Distance of block elements per spatial axis.</summary>
    public ImmutableArray<long> Dilations { get; init; } = [];

    /// <summary>Padding of the image before each spatial axis, then after each.</summary>
    public ImmutableArray<long> Pads { get; init; } = [];

    /// <summary>Distance of blocks per spatial axis.</summary>
    public ImmutableArray<long> Strides { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Dilations = walker.Ints("dilations", Dilations),
        Pads = walker.Ints("pads", Pads),
        Strides = walker.Ints("strides", Strides),
    };

    /// <summary>The blocks' geometry over the image.</summary>
    internal WindowAttributes Window(ImmutableArray<long> block) => new() { KernelShape = block, Dilations = Dilations, Pads = Pads, Strides = Strides };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 3);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        context.Allow(2, "i64", static t => t == ElementType.Int64);
        context.Allow(0, "numeric", static t => t.IsFloat() || t.IsInteger());
        var x = context.Input(0);
        if (x.Rank is not (null or 3)) throw context.Fail($"the input needs shape [N, C times block elements, blocks], has {x.Shape}");
        var image = context.Contents(1);
        long[]? block = context.ConstantInts(2);
        int? spatial = image?.Length ?? block?.Length;
        if (block is not null) Window([.. block]).CheckRank(context, spatial!.Value);
        if (spatial is null)
        {
            context.Output(0, x.ElementType, null);
            return;
        }
        var shape = context.FreshShape(spatial.Value + 2);
        if (x.Shape is not null) shape = shape.With(0, x.Shape[0]);
        if (x.Shape?[1].Constant is { } columns && block is not null)
        {
            long size = block.Aggregate(1L, static (product, extent) => product * extent);
            if (size < 1 || columns % size != 0) throw context.Fail($"a block of {size} elements does not divide {columns} columns");
            shape = shape.With(1, columns / size);
        }
        for (int d = 0; d < image?.Length; d++) shape = shape.With(d + 2, image.Value[d]);
        context.Output(0, x.ElementType, shape);
    }
}
