using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>
/// How a weight is laid out for quantisation: the order of its axes, the dimensions of its codes, and the axis of its scales.
/// </summary>
/// <param name="Axes">The weight's axes in the order in which codes are stored.</param>
/// <param name="Dims">Dimensions of the codes: those of the weight in that order, perhaps flattened behind the first.</param>
/// <param name="Axis">The axis of <paramref name="Dims"/> along which scales differ; null for one scale.</param>
/// <param name="Block">Elements along the axis that share a scale, each other index having its own; 0 where scales differ along the axis only.</param>
internal sealed record WeightLayout(ImmutableArray<int> Axes, ImmutableArray<int> Dims, int? Axis, int Block)
{
    /// <summary>The layout of an operand that is a layer's weight, or null where the layer has no such operand there.</summary>
    public static WeightLayout? Of(Layer layer, int operand, WeightGroups groups)
    {
        var dims = layer.Inputs[operand]!.Constant!.Dims.ToImmutableArray();
        if (Operand(layer.Operator, operand, dims.Length) is not { } roles) return null;
        if (groups.IsTensor) return new(Natural(dims.Length), dims, null, 0);
        if (groups.IsChannel) return roles.Channel is { } channel ? new(Natural(dims.Length), dims, channel, 0) : new(Natural(dims.Length), dims, roles.Reduction, dims[roles.Reduction]);
        if (!roles.IsWindow) return new(Natural(dims.Length), dims, roles.Reduction, groups.Size);

        // A window's taps and input channels are one reduction: few kernels have as many channels as a group has elements.
        int first = roles.Channel ?? 0;
        ImmutableArray<int> axes = [first, .. Enumerable.Range(0, dims.Length).Where(a => a != first)];
        return new(axes, [dims[first], axes.Skip(1).Aggregate(1, (product, a) => product * dims[a])], 1, groups.Size);
    }

    /// <summary>The codes as rows that are multiplied with vectors of a layer's operand; null where they are no such rows.</summary>
    public WeightMatrix? MatrixOf(Layer layer, int operand) => (layer.Operator, operand) switch
    {
        (Conv conv, 1) => new((int)conv.Group, Dims[0], Dims.Skip(1).Aggregate(1, (p, d) => p * d), Dims.Skip(1).Aggregate(1, (p, d) => p * d), 1),
        (Gemm { TransB: true }, 1) => new(1, Dims[0], Dims[1], Dims[1], 1),
        (Gemm or MatMul, 1) when Dims.Length == 2 => new(1, Dims[1], Dims[0], 1, Dims[1]),
        (Recurrence, 1) => new(Dims[0], Dims[0] * Dims[1], Dims[2], Dims[2], 1),
        _ => null,
    };

    /// <summary>Groups that share a scale, in the order of the scales.</summary>
    public int GroupCount => Axis is not { } axis ? 1 : Block == 0 ? Dims[axis] : Outer(axis) * Blocks(axis) * Inner(axis);

    /// <summary>Dimensions of the scales.</summary>
    public ImmutableArray<int> ScaleDims => Axis is not { } axis ? [] : Block == 0 ? [Dims[axis]] : Dims.SetItem(axis, Blocks(axis));

    /// <summary>Where the elements of a group lie among the codes.</summary>
    public GroupRange this[int group]
    {
        get
        {
            if (Axis is not { } axis) return new(0, 1, 0, Dims.Aggregate(1, (p, d) => p * d));
            int inner = Inner(axis), extent = Dims[axis];
            if (Block == 0) return new(group * inner, Outer(axis), extent * inner, inner);
            int blocks = Blocks(axis), block = group / inner % blocks;
            return new((group / inner / blocks * extent + block * Block) * inner + group % inner, Math.Min(Block, extent - block * Block), inner, 1);
        }
    }

    /// <summary>The group of the code at a position.</summary>
    public int GroupOf(int index)
    {
        if (Axis is not { } axis) return 0;
        int inner = Inner(axis), along = index / inner % Dims[axis];
        return Block == 0 ? along : (index / inner / Dims[axis] * Blocks(axis) + along / Block) * inner + index % inner;
    }

    private int Outer(int axis) => Dims.Take(axis).Aggregate(1, (p, d) => p * d);

    private int Inner(int axis) => Dims.Skip(axis + 1).Aggregate(1, (p, d) => p * d);

    private int Blocks(int axis) => (Dims[axis] + Block - 1) / Block;

    private static ImmutableArray<int> Natural(int rank) => [.. Enumerable.Range(0, rank)];

    // Channel: the only axis of the output channels, or null where there are several (batched products, directions, channel groups).
    // Reduction: the axis of the sum.
    private readonly record struct Roles(int? Channel, int Reduction, bool IsWindow = false);

    private static Roles? Operand(Operator op, int operand, int rank) => (op, operand) switch
    {
        (Conv, 1) => new(0, 1, IsWindow: true),
        (ConvTranspose { Group: 1 }, 1) => new(1, 0, IsWindow: true),
        (ConvTranspose, 1) => new(null, 0),
        (Gemm { TransB: true }, 1) => new(0, 1),
        (Gemm, 1) => new(1, 0),
        (Gemm { TransA: false }, 0) => new(0, 1),
        (Gemm, 0) => new(1, 0),
        (MatMul, 1) when rank >= 2 => new(rank == 2 ? 1 : null, rank - 2),
        (MatMul, 0) when rank >= 2 => new(rank == 2 ? 0 : null, rank - 1),
        (Recurrence, 1 or 2) => new(null, 2),
        (Gather { Axis: 0 }, 0) when rank == 2 => new(0, 1),
        _ => null,
    };
}

/// <summary>The elements of a group: <see cref="Runs"/> runs of <see cref="Length"/> neighbours, <see cref="Stride"/> apart.</summary>
internal readonly record struct GroupRange(int Start, int Runs, int Stride, int Length)
{
    /// <summary>Number of elements.</summary>
    public int Count => Runs * Length;

    /// <summary>Positions of the elements among the codes.</summary>
    public IEnumerable<int> Indices
    {
        get
        {
            for (int r = 0; r < Runs; r++)
            {
                for (int i = 0; i < Length; i++) yield return Start + r * Stride + i;
            }
        }
    }

    /// <summary>Copies the elements out.</summary>
    public void Gather<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        for (int r = 0; r < Runs; r++) from.Slice(Start + r * Stride, Length).CopyTo(to[(r * Length)..]);
    }

    /// <summary>Copies the elements back.</summary>
    public void Scatter<T>(ReadOnlySpan<T> from, Span<T> to)
    {
        for (int r = 0; r < Runs; r++) from.Slice(r * Length, Length).CopyTo(to[(Start + r * Stride)..]);
    }
}
