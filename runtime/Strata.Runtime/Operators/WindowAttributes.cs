using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>How padding is chosen.</summary>
public enum AutoPad
{
    /// <summary>By the <c>pads</c> attribute.</summary>
    NotSet,
    /// <summary>So that output = ⌈input / stride⌉; an odd element goes to the end.</summary>
    SameUpper,
    /// <summary>So that output = ⌈input / stride⌉; an odd element goes to the beginning.</summary>
    SameLower,
    /// <summary>None.</summary>
    Valid,
}

/// <summary>The geometry of a sliding window, shared by convolutions and pooling. Empty lists mean ONNX's defaults (1, 1, 0).</summary>
public sealed record WindowAttributes
{
    /// <summary>ONNX's names of <see cref="AutoPad"/>.</summary>
    internal static readonly ImmutableArray<string> AutoPadNames = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"];

    /// <summary>How padding is chosen.</summary>
    public AutoPad AutoPad { get; init; }

    /// <summary>Window extent per spatial axis; empty: that of the weights.</summary>
    public ImmutableArray<long> KernelShape { get; init; } = [];

    /// <summary>Step per spatial axis.</summary>
    public ImmutableArray<long> Strides { get; init; } = [];

    /// <summary>Distance of window elements per spatial axis.</summary>
    public ImmutableArray<long> Dilations { get; init; } = [];

    /// <summary>Elements added before each spatial axis, then after each; negative crops.</summary>
    public ImmutableArray<long> Pads { get; init; } = [];

    /// <summary>The step along one spatial axis.</summary>
    public long Stride(int axis) => Strides.IsEmpty ? 1 : Strides[axis];

    /// <summary>The dilation along one spatial axis.</summary>
    public long Dilation(int axis) => Dilations.IsEmpty ? 1 : Dilations[axis];

    internal WindowAttributes Walk(AttributeWalker walker) => this with
    {
        AutoPad = (AutoPad)walker.Choice("auto_pad", (int)AutoPad, AutoPadNames),
        KernelShape = walker.Ints("kernel_shape", KernelShape),
        Strides = walker.Ints("strides", Strides),
        Dilations = walker.Ints("dilations", Dilations),
        Pads = walker.Ints("pads", Pads),
    };

    internal void CheckRank(InferenceContext context, int spatialRank)
    {
        if (Problem(spatialRank) is { } problem) throw context.Fail(problem);
    }

    /// <summary>What is wrong with the attributes for a number of spatial axes, as a sentence; null when nothing is.</summary>
    internal string? Problem(int spatialRank)
    {
        return Check("kernel_shape", KernelShape, spatialRank, 1) ?? Check("strides", Strides, spatialRank, 1)
            ?? Check("dilations", Dilations, spatialRank, 1) ?? Check("pads", Pads, 2 * spatialRank, -int.MaxValue)
            ?? (AutoPad != AutoPad.NotSet && Pads.Any(p => p != 0) ? $"pads and auto_pad {AutoPadNames[(int)AutoPad]} exclude each other" : null);

        static string? Check(string name, ImmutableArray<long> values, int expected, long least)
        {
            if (values.IsEmpty) return null;
            if (values.Length != expected) return $"{name} needs {expected} values, has {values.Length}";
            foreach (long value in values)
            {
                if (value < least || value > int.MaxValue) return $"{name} contains {value}, allowed are values from {least} to {int.MaxValue}";
            }
            return null;
        }
    }

    /// <summary>The output extent along a spatial axis.</summary>
    internal Dim Output(InferenceContext context, int axis, Dim input, Dim kernel, bool ceil)
    {
        long stride = Stride(axis);
        if (AutoPad is AutoPad.SameUpper or AutoPad.SameLower) return Dim.CeilDiv(input, stride);
        var window = (kernel - 1) * Dilation(axis) + 1;
        var padded = input + PadSum(axis);
        var span = padded - window;
        if (span.Constant < 0) throw context.Fail($"a window of {window} does not fit the padded input of {padded} along spatial axis {axis}");
        if (!ceil) return Dim.FloorDiv(span, stride) + 1;
        var rounded = Dim.CeilDiv(span, stride) + 1;
        // With ceil_mode a last window that starts beyond input and leading pad is dropped (ONNX 1.16).
        if (rounded.Constant is not { } count)
        {
            if (stride == 1) return rounded;
            // Less trailing pad than a window leaves at most one such window.
            return window.Constant > PadSum(axis) - PadBegin(axis) ? Dim.Min(rounded, Dim.CeilDiv(input + PadBegin(axis), stride)) : context.Fresh();
        }
        if (input.Constant is { } extent && (count - 1) * stride >= extent + PadBegin(axis)) count--;
        return count;
    }

    /// <summary>Leading and trailing padding along a spatial axis of a concrete input.</summary>
    public (int Begin, int End) PadsFor(int axis, int input, int kernel)
    {
        if (AutoPad is AutoPad.NotSet) return ((int)PadBegin(axis), (int)(PadSum(axis) - PadBegin(axis)));
        if (AutoPad is AutoPad.Valid) return (0, 0);
        long stride = Stride(axis), output = (input + stride - 1) / stride;
        int total = (int)Math.Max(0, (output - 1) * stride + (kernel - 1) * Dilation(axis) + 1 - input);
        return AutoPad == AutoPad.SameUpper ? (total / 2, total - total / 2) : (total - total / 2, total / 2);
    }

    /// <summary>The pads attribute along a spatial axis; zero under any automatic padding.</summary>
    internal (long Begin, long End) ExplicitPads(int axis) => AutoPad == AutoPad.NotSet ? (PadBegin(axis), PadSum(axis) - PadBegin(axis)) : (0, 0);

    private long PadBegin(int axis) => Pads.IsEmpty ? 0 : Pads[axis];

    private long PadSum(int axis) => Pads.IsEmpty ? 0 : Pads[axis] + Pads[axis + Pads.Length / 2];
}
