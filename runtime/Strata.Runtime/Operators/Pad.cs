using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>What stands in padded places.</summary>
public enum PadMode
{
    /// <summary>A constant.</summary>
    Constant,
    /// <summary>The data mirrored at its first and last element, which are not repeated.</summary>
    Reflect,
    /// <summary>The nearest element.</summary>
    Edge,
    /// <summary>The data over again.</summary>
    Wrap,
}

/// <summary>
/// Adds elements before and after along axes; negative numbers remove. Operands: data; pads (i64: begins of all axes, then
/// ends); the constant (a scalar of data's type, 0 when omitted); axes (all in order when omitted).
/// </summary>
public sealed record Pad : Operator
{
    private static readonly ImmutableArray<string> ModeNames = ["constant", "reflect", "edge", "wrap"];

    /// <summary>What stands in padded places.</summary>
    public PadMode Mode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Mode = (PadMode)walker.Choice("mode", (int)Mode, ModeNames) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 4);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        if (context.Has(2) && context.Input(2).ElementType != data.ElementType) throw context.Fail($"the constant is {context.Input(2).ElementType.Name()}, data is {data.ElementType.Name()}");
        if (context.Has(3)) context.Allow(3, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        context.Output(0, data.ElementType, data.Shape is { } shape ? OutputShape(context, shape) : null);
    }

    private static Shape OutputShape(InferenceContext context, Shape shape)
    {
        var axes = context.Has(3) ? context.ConstantInts(3) : [.. Enumerable.Range(0, shape.Rank).Select(i => (long)i)];
        if (axes is null || context.Contents(1) is not { } pads) return context.FreshShape(shape.Rank);
        if (pads.Length != 2 * axes.Length) throw context.Fail($"pads has {pads.Length} values, {axes.Length} axes need {2 * axes.Length}");
        var chosen = AxisList.Normalize(axes, shape.Rank);
        for (int i = 0; i < chosen.Length; i++)
        {
            var padded = shape[chosen[i]] + pads[i] + pads[i + chosen.Length];
            if (padded.Constant < 0) throw context.Fail($"pads {pads[i]} and {pads[i + chosen.Length]} remove more than the {shape[chosen[i]]} elements of axis {chosen[i]}");
            shape = shape.With(chosen[i], padded);
        }
        return shape;
    }

    /// <summary>For each axis the source index of each result index; −1 where the constant stands. <paramref name="pads"/>: begins and ends of <paramref name="axes"/>.</summary>
    /// <exception cref="InvalidInputException">The pads do not fit.</exception>
    internal int[][] Picks(ReadOnlySpan<int> dims, long[] pads, int[] axes)
    {
        if (pads.Length != 2 * axes.Length) throw new InvalidInputException($"{pads.Length} pads are given for {axes.Length} axes");
        var picks = IndexMap.All(dims);
        for (int i = 0; i < axes.Length; i++)
        {
            int extent = dims[axes[i]];
            Int128 length = (Int128)extent + pads[i] + pads[i + axes.Length];
            if (length < 0 || length > int.MaxValue) throw new InvalidInputException($"pads {pads[i]} and {pads[i + axes.Length]} make {length} elements of {extent}");
            picks[axes[i]] = Picks(extent, pads[i], pads[i + axes.Length], (int)length);
        }
        return picks;
    }

    // Negative pads crop first; the other side is then filled from what is left.
    private int[] Picks(int extent, long begin, long end, int length)
    {
        long first = Math.Max(-begin, 0), left = extent - first - Math.Max(-end, 0);
        if (left <= 0 && length > 0 && Mode != PadMode.Constant) throw new InvalidInputException("an empty dimension has nothing to be padded with");
        var picks = new int[length];
        for (int i = 0; i < length; i++)
        {
            long at = i - Math.Max(begin, 0);
            if (at < 0 || at >= left) at = Mode switch
            {
                PadMode.Constant => -1,
                PadMode.Edge => Math.Clamp(at, 0, left - 1),
                PadMode.Wrap => Modulo(at, left),
                _ => Reflect(at, left),
            };
            picks[i] = at < 0 ? -1 : (int)(first + at);
        }
        return picks;
    }

    private static long Modulo(long value, long period) => (value % period + period) % period;

    private static long Reflect(long at, long extent)
    {
        if (extent == 1) return 0;
        long phase = Modulo(at, 2 * (extent - 1));
        return phase < extent ? phase : 2 * (extent - 1) - phase;
    }
}

/// <summary>
/// Crops or zero-pads around the centre to the extents of the second operand (i32 or i64, rank 1). An odd element is
/// cropped from, or added at, the end.
/// </summary>
public sealed record CenterCropPad : Operator
{
    /// <summary>The axes that the extents mean; empty for all in order.</summary>
    public ImmutableArray<long> Axes { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axes = walker.Ints("axes", Axes) };

    /// <summary>The axes for a rank.</summary>
    internal long[] AxesFor(int rank) => Axes.IsEmpty ? [.. Enumerable.Range(0, rank).Select(i => (long)i)] : [.. Axes];

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i32 or i64", static t => t is ElementType.Int32 or ElementType.Int64);
        var data = context.Input(0);
        Shape? shape = data.Shape;
        if (shape is not null)
        {
            var axes = AxisList.Normalize(AxesFor(shape.Rank), shape.Rank);
            var extents = context.Contents(1);
            if (extents is { } given && given.Length != axes.Length) throw context.Fail($"{given.Length} extents are given for {axes.Length} axes");
            for (int i = 0; i < axes.Length; i++) shape = shape.With(axes[i], extents?[i] ?? context.Fresh());
        }
        context.Output(0, data.ElementType, shape);
    }
}
