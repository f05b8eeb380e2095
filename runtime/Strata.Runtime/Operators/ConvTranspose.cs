using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How a transposed convolution is computed; results differ in roundings.</summary>
public enum ConvTransposeMethod
{
    /// <summary>As costs less.</summary>
    Auto,
    /// <summary>By sub-filters: outputs that are equal modulo the strides together.</summary>
    Split,
    /// <summary>Each input added to the outputs that it reaches.</summary>
    Scatter,
}

/// <summary>
/// Transposed convolution: scatters x <c>[N, C, spatial…]</c> through w <c>[C, M/group, kernel…]</c>, plus an optional bias
/// <c>[M]</c>, to <c>[N, M, out…]</c>. Along an axis the full extent is
/// <c>stride·(in − 1) + output_padding + dilation·(kernel − 1) + 1</c>, of which the pads are cut off.
/// </summary>
public sealed record ConvTranspose : Operator
{
    private static readonly ImmutableArray<string> MethodNames = ["auto", "split", "scatter"];

    /// <summary>Window geometry; pads are cut off the output.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>Number of channel groups.</summary>
    public long Group { get; init; } = 1;

    /// <summary>Elements added at the end of each spatial axis of the output; empty: none.</summary>
    public ImmutableArray<long> OutputPadding { get; init; } = [];

    /// <summary>Spatial extents of the output, from which the pads follow; may be preceded by N and M; empty: by the pads.</summary>
    public ImmutableArray<long> OutputShape { get; init; } = [];

    /// <summary>How kernels compute it.</summary>
    public ConvTransposeMethod Method { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Window = Window.Walk(walker),
        Group = walker.Int("group", Group),
        OutputPadding = walker.Ints("output_padding", OutputPadding),
        OutputShape = walker.Ints("output_shape", OutputShape),
        Method = (ConvTransposeMethod)walker.Choice("method", (int)Method, MethodNames, since: 3),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        TensorType x = context.Input(0), w = context.Input(1);
        if (w.ElementType != x.ElementType) throw context.Fail($"weights are {w.ElementType.Name()}, the input is {x.ElementType.Name()}");
        if (context.Has(2)) context.Allow(2, x.ElementType.Name(), t => t == x.ElementType);
        context.Output(0, x.ElementType, Result(context, x.Shape, w.Shape));
    }

    private Shape? Result(InferenceContext context, Shape? x, Shape? w)
    {
        if (Group < 1) throw context.Fail($"group must be positive, is {Group}");
        int? rank = x?.Rank ?? w?.Rank;
        if (rank is null) return null;
        if (rank < 3) throw context.Fail($"input and weights need rank 3 or more, have {rank}");
        int spatial = rank.Value - 2;
        if (Problem(spatial) is { } problem) throw context.Fail(problem);
        if (x is not null && w is not null)
        {
            if (x.Rank != w.Rank) throw context.Fail($"input has rank {x.Rank}, weights have rank {w.Rank}");
            context.Same(x[1], w[0], "the weights' first dimension must be the input's channels");
            if (w[0].Constant is { } channels && channels % Group != 0) throw context.Fail($"group must divide input channels; group is {Group}, channels {channels}");
        }
        var dims = new Dim[rank.Value];
        dims[0] = x?[0] ?? context.Fresh();
        dims[1] = w is null ? context.Fresh() : w[1] * Group;
        for (int d = 0; d < spatial; d++)
        {
            Dim kernel = Window.KernelShape.IsEmpty ? w?[d + 2] ?? context.Fresh() : Window.KernelShape[d];
            if (!Window.KernelShape.IsEmpty && w is not null) context.Same(w[d + 2], kernel, "kernel_shape must be the weights' spatial shape");
            dims[d + 2] = x is null && OutputShape.IsEmpty ? context.Fresh() : Extent(x?[d + 2] ?? Dim.Zero, kernel, d, spatial);
            if (dims[d + 2].Constant < 0) throw context.Fail($"pads {string.Join(", ", Window.Pads)} leave nothing of spatial axis {d}");
        }
        return Shape.Create(dims);
    }

    /// <summary>What is wrong with the attributes for a number of spatial axes, as a sentence; null when nothing is.</summary>
    internal string? Problem(int spatial)
    {
        return Window.Problem(spatial) ?? Check("output_padding", OutputPadding, spatial) ?? Check("output_shape", OutputShape, OutputShape.Length == spatial + 2 ? spatial + 2 : spatial);

        static string? Check(string name, ImmutableArray<long> values, int expected)
        {
            if (!values.IsEmpty && values.Length != expected) return $"{name} needs {expected} values, has {values.Length}";
            foreach (long value in values)
            {
                if (value is < 0 or > int.MaxValue) return $"{name} contains {value}, allowed are values from 0 to {int.MaxValue}";
            }
            return null;
        }
    }

    private Dim Extent(Dim input, Dim kernel, int axis, int spatial)
    {
        if (!OutputShape.IsEmpty) return OutputShape[OutputShape.Length - spatial + axis];
        if (Window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower) return input * Window.Stride(axis);
        var (begin, end) = Window.ExplicitPads(axis);
        return Full(input, kernel, axis) - begin - end;
    }

    private Dim Full(Dim input, Dim kernel, int axis) =>
        (input - 1) * Window.Stride(axis) + (OutputPadding.IsEmpty ? 0 : OutputPadding[axis]) + (kernel - 1) * Window.Dilation(axis) + 1;

    /// <summary>Outputs cut off before the first along a spatial axis; negative: outputs added. Null where it depends on an unknown extent.</summary>
    internal long? Cut(int axis, int spatial, Dim input, Dim kernel)
    {
        if (OutputShape.IsEmpty && Window.AutoPad is AutoPad.NotSet or AutoPad.Valid) return Window.ExplicitPads(axis).Begin;
        if ((Full(input, kernel, axis) - Extent(input, kernel, axis, spatial)).Constant is not { } rest) return null;
        long total = Math.Max(0, rest);
        return Window.AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
    }

    /// <summary>Output extent and leading and trailing cut along a spatial axis of a concrete input.</summary>
    internal (long Output, long Begin, long End) Resolve(int axis, int spatial, int input, int kernel)
    {
        long output = Extent(input, kernel, axis, spatial).Constant!.Value;
        if (OutputShape.IsEmpty && Window.AutoPad is AutoPad.NotSet or AutoPad.Valid)
        {
            var (begin, end) = Window.ExplicitPads(axis);
            return (output, begin, end);
        }
        long total = Math.Max(0, Full(input, kernel, axis).Constant!.Value - output);
        return Window.AutoPad == AutoPad.SameUpper ? (output, total / 2, total - total / 2) : (output, total - total / 2, total / 2);
    }
}
