using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>How channels divide into blocks.</summary>
public enum DepthToSpaceMode
{
    /// <summary>Channel = block position · channels + channel.</summary>
    DepthColumnRow,
    /// <summary>Channel = channel · blocks + block position.</summary>
    ColumnRowDepth,
}

/// <summary>Moves channels into blocks of pixels: <c>[N, C·b², H, W]</c> to <c>[N, C, H·b, W·b]</c>.</summary>
public sealed record DepthToSpace : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["DCR", "CRD"];

    /// <summary>The edge b of a block.</summary>
    public long BlockSize { get; init; } = 1;

    /// <summary>How channels divide into blocks.</summary>
    public DepthToSpaceMode Mode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        BlockSize = walker.Int("blocksize", BlockSize),
        Mode = (DepthToSpaceMode)walker.Choice("mode", (int)Mode, ModeNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        SpaceToDepth.CheckBlock(context, BlockSize);
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape is not { } s ? context.FreshShape(4)
            : [s[0], SpaceToDepth.Divided(context, s, 1, BlockSize * BlockSize), s[2] * BlockSize, s[3] * BlockSize]);
    }

    /// <summary>The result as an array of six axes, and how far neighbours along each lie apart in the source.</summary>
    internal (int[] Extents, int[] Steps) Walk(ReadOnlySpan<int> dims)
    {
        int b = (int)BlockSize, c = dims[1] / (b * b), h = dims[2], w = dims[3], plane = h * w;
        // The six axes of the result: n, c, h, block row, w, block column.
        int channel = Mode == DepthToSpaceMode.DepthColumnRow ? plane : b * b * plane, block = Mode == DepthToSpaceMode.DepthColumnRow ? c * plane : plane;
        return ([dims[0], c, h, b, w, b], [dims[1] * plane, channel, w, b * block, 1, block]);
    }
}

/// <summary>Moves blocks of pixels into channels: <c>[N, C, H·b, W·b]</c> to <c>[N, b²·C, H, W]</c>.</summary>
public sealed record SpaceToDepth : Operator
{
    /// <summary>The edge b of a block.</summary>
    public long BlockSize { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { BlockSize = walker.Int("blocksize", BlockSize) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        CheckBlock(context, BlockSize);
        var data = context.Input(0);
        context.Output(0, data.ElementType, data.Shape is not { } s ? context.FreshShape(4)
            : [s[0], s[1] * (BlockSize * BlockSize), Divided(context, s, 2, BlockSize), Divided(context, s, 3, BlockSize)]);
    }

    /// <inheritdoc cref="DepthToSpace.Walk(ReadOnlySpan{int})"/>
    internal (int[] Extents, int[] Steps) Walk(ReadOnlySpan<int> dims)
    {
        int b = (int)BlockSize, h = dims[2] / b, w = dims[3] / b, row = dims[3], plane = dims[2] * row;
        return ([dims[0], b, b, dims[1], h, w], [dims[1] * plane, row, 1, plane, b * row, b]);
    }

    internal static void CheckBlock(InferenceContext context, long block)
    {
        context.InputsBetween(1, 1);
        if (block is < 1 or > 1 << 15) throw context.Fail($"blocksize is {block}; allowed are 1 to {1 << 15}");
        if (context.Input(0).Rank is not (null or 4)) throw context.Fail($"the operand must have rank 4, is {context.Input(0)}");
    }

    internal static Dim Divided(InferenceContext context, Shape shape, int axis, long by)
    {
        if (shape[axis].Constant % by is not (null or 0)) throw context.Fail($"dimension {axis} is {shape[axis]}, which {by} does not divide");
        var quotient = Dim.FloorDiv(shape[axis], by);
        context.Same(quotient * by, shape[axis], $"{by} must divide dimension {axis}");
        return quotient;
    }
}
