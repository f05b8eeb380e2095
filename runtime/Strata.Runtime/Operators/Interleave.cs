using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Puts equally shaped parts <c>[N, M, n…]</c> together so that neighbours in one lie the strides apart: along an axis, element t of a part at
/// offset r goes to <c>r + stride · t</c>, of <c>stride · n − trim</c> elements in all. Operands: one part for each combination of offsets, the last
/// axis's first, then what stands in place of omitted ones, <c>[M]</c>, or zeros without it.
/// </summary>
public sealed record Interleave : Operator
{
    /// <summary>Most parts.</summary>
    internal const int MostParts = 4096;

    /// <summary>Distance of a part's neighbours, per spatial axis.</summary>
    public ImmutableArray<long> Strides { get; init; } = [1];

    /// <summary>Elements left out at the end of each spatial axis; empty: none.</summary>
    public ImmutableArray<long> Trim { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Strides = walker.Ints("strides", Strides, since: 3), Trim = walker.Ints("trim", Trim, since: 3) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        int parts = Parts() ?? throw context.Fail($"strides must be positive and make at most {MostParts} parts, are [{string.Join(", ", Strides)}]");
        if (!Trim.IsEmpty && Trim.Length != Strides.Length || Trim.Any(t => t is < 0 or > int.MaxValue)) throw context.Fail($"trim needs {Strides.Length} values from 0 to {int.MaxValue}, is [{string.Join(", ", Trim)}]");
        context.InputsBetween(0, parts + 1);
        int[] present = [.. Enumerable.Range(0, Math.Min(parts, context.InputCount)).Where(context.Has)];
        if (present.Length == 0) throw context.Fail("all parts are omitted");
        var type = context.Input(present[0]).ElementType;
        int rank = Strides.Length + 2;
        Shape? shape = null;
        foreach (int i in present)
        {
            var part = context.Input(i);
            if (part.ElementType != type) throw context.Fail($"part {i} is {part.ElementType.Name()}, part {present[0]} is {type.Name()}");
            if (part.Shape is not { } known) continue;
            if (known.Rank != rank) throw context.Fail($"part {i} has rank {known.Rank}, {Strides.Length} strides need {rank}");
            shape ??= known;
            for (int d = 0; d < rank; d++) shape = shape.With(d, context.Same(shape[d], known[d], $"parts need equal dimension {d}"));
        }
        shape ??= context.FreshShape(rank);
        if (context.Has(parts))
        {
            var fill = context.Input(parts);
            if (fill.ElementType != type) throw context.Fail($"what stands for omitted parts is {fill.ElementType.Name()}, parts are {type.Name()}");
            if (fill.Shape is { Rank: not 1 }) throw context.Fail($"what stands for omitted parts must have rank 1, is {fill}");
            if (fill.Shape is { } channels) shape = shape.With(1, context.Same(shape[1], channels[0], "there must be an element for each channel in place of omitted parts"));
        }
        for (int d = 0; d < Strides.Length; d++)
        {
            var extent = shape[d + 2] * Strides[d] - TrimOf(d);
            if (extent.Constant < 0) throw context.Fail($"trim {TrimOf(d)} leaves nothing of spatial axis {d}");
            shape = shape.With(d + 2, extent);
        }
        context.Output(0, type, shape);
    }

    /// <summary>Number of parts; null where the strides make no sense.</summary>
    internal int? Parts()
    {
        long parts = 1;
        foreach (long stride in Strides)
        {
            if (stride < 1 || stride > MostParts || (parts *= stride) > MostParts) return null;
        }
        return Strides.IsEmpty ? null : (int)parts;
    }

    /// <summary>Elements left out at the end of a spatial axis.</summary>
    internal long TrimOf(int axis) => Trim.IsEmpty ? 0 : Trim[axis];

    /// <summary>The offsets of a part along the spatial axes.</summary>
    internal int[] Offsets(int part)
    {
        int[] offsets = new int[Strides.Length];
        for (int d = offsets.Length - 1; d >= 0; d--) (part, offsets[d]) = ((int)(part / Strides[d]), (int)(part % Strides[d]));
        return offsets;
    }

    /// <summary>How many elements of a part along an axis reach the result.</summary>
    internal static int Reaching(int output, int offset, long stride) => (int)Math.Max(0, (output - offset + stride - 1) / stride);
}
