using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Convolution, pooling, resampling, normalisation over channels.</summary>
internal static class WindowDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("conv", g => Convolve(g, (window, group) => new Conv { Window = window, Group = group }, transposed: false)),
        new("deform_conv", g => { int groups = g.Next(1, 2), offsets = g.Next(1, 2), c = 2; g.Add(new DeformConv { Window = new() { KernelShape = [2, 2] }, Group = groups, OffsetGroup = offsets }, g.Exactly(ElementType.Float32, 1, c, 3, 3),
            g.Exactly(ElementType.Float32, 2, c / groups, 2, 2), g.Between(-1, 1, ElementType.Float32, 1, offsets * 8, 2, 2), g.Chance(0.5) ? g.Exactly(ElementType.Float32, 2) : null, g.Chance(0.5) ? g.Exactly(ElementType.Float32, 1, offsets * 4, 2, 2) : null); }),
        new("conv_transpose", g => Convolve(g, (window, group) => new ConvTranspose { Window = window with { AutoPad = AutoPad.NotSet }, Group = group, Method = g.Choose(Enum.GetValues<ConvTransposeMethod>()) }, transposed: true)),
        new("interleave", Interleave),
        new("average_pool", g => Pool(g, new AveragePool { CountIncludePad = g.Chance(0.5) })),
        new("max_pool", g => Pool(g, new MaxPool())),
        new("lp_pool", g => Pool(g, new LpPool { P = g.Next(1, 3) })),
        new("global_average_pool", g => g.Add(new GlobalAveragePool(), Image(g))),
        new("global_max_pool", g => g.Add(new GlobalMaxPool(), Image(g))),
        new("global_lp_pool", g => g.Add(new GlobalLpPool { P = g.Next(1, 3) }, Image(g))),
        new("max_unpool", MaxUnpool),
        new("col2im", g => g.Add(new Col2Im(), g.Exactly(g.Float(), g.Next(1, 2), 2 * 4, 6), g.Ints(3, 4), g.Ints(2, 2))),
        new("max_roi_pool", g => g.Add(new MaxRoiPool { PooledShape = [2, 2], SpatialScale = 1 }, g.Exactly(ElementType.Float32, 1, 2, 5, 5), g.Constant(Tensor.From<float>([2, 5], [0, 0, 0, 3, 3, 0, 1, 1, 4, 4])))),
        new("roi_align", g => g.Add(new RoiAlign { OutputHeight = 2, OutputWidth = 3, SamplingRatio = g.Next(0, 2), Max = g.Chance(0.3), Transformation = g.Choose(Enum.GetValues<RegionTransformation>()) },
            g.Exactly(ElementType.Float32, 2, 2, 5, 5), g.Between(0, 4, ElementType.Float32, 3, 4), g.Indices(ElementType.Int64, 0, 1, 3))),
        new("crop_and_resize", g => g.Add(new CropAndResize { Nearest = g.Chance(0.5) }, g.Exactly(ElementType.Float32, 2, 1, 4, 4), g.Between(0, 1, ElementType.Float32, 3, 4), g.Indices(ElementType.Int32, 0, 1, 3), g.Constant(Tensor.Vector(2, 3)))),
        new("non_max_suppression", g => g.Add(new NonMaxSuppression { CenterPointBox = g.Chance(0.5) }, g.Between(0, 1, ElementType.Float32, 1, 5, 4), g.Between(0, 1, ElementType.Float32, 1, 2, 5),
            g.Constant(Tensor.Scalar(3L)), g.Chance(0.5) ? g.Constant(Tensor.Scalar(0.5f)) : null, g.Chance(0.5) ? g.Constant(Tensor.Scalar(0.1f)) : null)),
        new("image_decoder", g => g.Add(new ImageDecoder { Format = g.Choose(Enum.GetValues<PixelFormat>()) }, Pixmap(g))),
        new("resize", Resize),
        new("grid_sample", g => g.Add(new GridSample { AlignCorners = g.Chance(0.5), Mode = g.Choose(Enum.GetValues<Interpolation>()), Padding = g.Choose(Enum.GetValues<GridPadding>()) },
            g.Exactly(ElementType.Float32, 2, 2, 3, 4), g.Between(-1.2, 1.2, ElementType.Float32, 2, g.Next(1, 3), 3, 2))),
        new("affine_grid", g => { bool volume = g.Chance(0.3); g.Add(new AffineGrid { AlignCorners = g.Chance(0.5) }, g.Exactly(ElementType.Float32, 2, volume ? 3 : 2, volume ? 4 : 3), volume ? g.Ints(2, 1, 2, 3, 2) : g.Ints(2, 1, 3, 2)); }),
        new("batch_norm", g => { var x = Image(g); var (t, c) = Channels(g, x); g.Add(new BatchNormalization { Epsilon = g.Choose(1e-5f, 1e-2f) }, x, g.Exactly(t, c), g.Exactly(t, c), g.Exactly(t, c), g.Between(0.1, 2, t, c)); }),
        new("batch_norm", g => { var x = Image(g); var (t, c) = Channels(g, x); g.AddMany(new BatchNormalization { TrainingMode = true }, 3, 1, x, g.Exactly(t, c), g.Exactly(t, c), g.Exactly(t, c), g.Between(0.1, 2, t, c)); }),
        new("instance_norm", g => { var x = Image(g); var (t, c) = Channels(g, x); g.Add(new InstanceNormalization(), x, g.Exactly(t, c), g.Exactly(t, c)); }),
        new("group_norm", g => { var t = g.Float(); int groups = g.Next(1, 2), c = groups * g.Next(1, 2); g.Add(new GroupNormalization { NumGroups = groups }, g.Exactly(t, g.Next(1, 2), c, g.Next(2, 4)), g.Exactly(t, c), g.Exactly(t, c)); }),
        new("layer_norm", Trailing),
        new("rms_norm", g => { var x = g.Any(g.Float, 1, mayBeEmpty: false); int rank = g.At(x).Rank, axis = g.Next(0, rank - 1); g.Add(new RmsNormalization { Axis = g.Chance(0.5) ? axis : axis - rank }, x, g.Exactly(g.TypeOf(x), g.DimsOf(x)[axis..])); }),
        new("lrn", g => g.Add(new Lrn { Size = g.Next(1, 4), Alpha = g.Choose(0.0001f, 0.3f) }, Image(g))),
        new("mean_variance_norm", g => { var x = Image(g); g.Add(new MeanVarianceNormalization { Axes = g.At(x).Rank == 4 && g.Chance(0.5) ? [0, 2, 3] : [0, -1] }, x); }),
    ];

    /// <summary>[N, C, spatial…].</summary>
    private static Value Image(NetworkGenerator g, int spatial = 0, int channels = 0)
    {
        var type = g.Float();
        int rank = spatial > 0 ? spatial : g.Next(1, 3);
        return g.Pick(t => t.ElementType == type && t.Count > 0 && t.Rank == rank + 2 && (channels == 0 || t.Dims[1] % channels == 0),
            () => g.Draw(type, [g.Next(1, 2), Math.Max(channels, 1) * g.Next(1, 3), .. Enumerable.Range(0, rank).Select(_ => g.Next(3, rank == 1 ? 9 : 5))]));
    }

    private static (ElementType Type, int Channels) Channels(NetworkGenerator g, Value x) => (g.TypeOf(x), g.DimsOf(x)[1]);

    // Parts, some of them omitted, and maybe what stands for those.
    private static void Interleave(NetworkGenerator g)
    {
        int axes = g.Next(1, 3), channels = g.Next(1, 3);
        var type = g.Numeric();
        long[] strides = [.. Enumerable.Range(0, axes).Select(_ => (long)g.Next(1, 3))];
        int parts = (int)strides.Aggregate(1L, static (a, b) => a * b), kept = g.Next(0, parts - 1);
        int[] dims = [g.Next(1, 2), channels, .. strides.Select(_ => g.Next(1, 3))];
        Value?[] operands = [.. Enumerable.Range(0, parts).Select(p => p == kept || g.Chance(0.7) ? g.Exactly(type, dims) : null), g.Chance(0.5) ? g.Exactly(type, channels) : null];
        g.Add(new Interleave { Strides = [.. strides], Trim = g.Chance(0.5) ? [] : [.. strides.Select((s, d) => (long)g.Next(0, (int)Math.Min(s, 2)))] }, operands);
    }

    // A window that fits the extents.
    private static WindowAttributes Window(NetworkGenerator g, int[] extents, bool dilated = true)
    {
        int[] kernel = [.. extents.Select(e => g.Next(1, Math.Min(e, 3)))];
        int[] dilations = [.. extents.Zip(kernel).Select(p => dilated && g.Chance(0.2) && p.Second * 2 - 1 <= p.First ? 2 : 1)];
        var window = new WindowAttributes { KernelShape = [.. kernel.Select(k => (long)k)] };
        if (g.Chance(0.5)) window = window with { Strides = [.. extents.Select(_ => (long)g.Next(1, 2))] };
        if (g.Chance(0.5)) window = window with { Dilations = [.. dilations.Select(d => (long)d)] };
        return g.Next(0, 3) switch
        {
            0 => window with { AutoPad = g.Choose(AutoPad.SameUpper, AutoPad.SameLower, AutoPad.Valid) },
            1 => window with { Pads = [.. kernel.Concat(kernel).Select(k => (long)g.Next(0, k - 1))] },
            _ => window,
        };
    }

    private static void Convolve(NetworkGenerator g, Func<WindowAttributes, long, Operator> make, bool transposed)
    {
        int group = g.Chance(0.3) ? 2 : 1;
        var x = Image(g, 0, group);
        int[] dims = g.DimsOf(x);
        var type = g.TypeOf(x);
        var window = Window(g, dims[2..]);
        int outputs = g.Next(1, 2);
        int[] kernel = [.. window.KernelShape.Select(k => (int)k)];
        var w = g.Exactly(type, transposed ? [dims[1], outputs, .. kernel] : [group * outputs, dims[1] / group, .. kernel]);
        // The kernel's extents may be left to the weights.
        g.Add(make(g.Chance(0.5) ? window with { KernelShape = [] } : window, group), x, w, g.Chance(0.5) ? g.Exactly(type, group * outputs) : null);
    }

    private static void Pool(NetworkGenerator g, Pooling op)
    {
        var x = Image(g);
        op = op with { Window = Window(g, g.DimsOf(x)[2..]), CeilMode = g.Chance(0.3) };
        if (op is MaxPool) g.AddMany(op, 2, 1, x);
        else g.Add(op, x);
    }

    private static void MaxUnpool(NetworkGenerator g)
    {
        var window = new WindowAttributes { KernelShape = [2, 2], Strides = [2, 2] };
        var pooled = g.AddMany(new MaxPool { Window = window }, 2, 2, g.Exactly(ElementType.Float32, 1, g.Next(1, 2), 4, 2 * g.Next(1, 2)));
        g.Add(new MaxUnpool { Window = window }, pooled[0], pooled[1]);
    }

    private static void Resize(NetworkGenerator g)
    {
        var x = g.Exactly(g.Choose(ElementType.Float32, ElementType.Float64), 1, g.Next(1, 2), g.Next(2, 4), g.Next(2, 4));
        var mode = g.Choose(Enum.GetValues<Interpolation>());
        var op = new Resize
        {
            Mode = mode,
            Transformation = g.Choose(CoordinateTransformation.HalfPixel, CoordinateTransformation.HalfPixelSymmetric, CoordinateTransformation.PytorchHalfPixel, CoordinateTransformation.AlignCorners, CoordinateTransformation.Asymmetric),
            NearestMode = g.Choose(Enum.GetValues<NearestMode>()),
            Antialias = mode != Interpolation.Nearest && g.Chance(0.3),
            ExcludeOutside = mode == Interpolation.Cubic && g.Chance(0.3),
        };
        int[] dims = g.DimsOf(x);
        if (g.Chance(0.5)) g.Add(op, x, null, null, g.Ints(dims[0], dims[1], g.Next(1, 6), g.Next(1, 6)));
        else g.Add(op, x, null, g.Constant(Tensor.Vector(1, 1, g.Choose(0.5f, 1.5f, 2), g.Choose(0.6f, 1, 2))));
    }

    private static void Trailing(NetworkGenerator g)
    {
        var x = g.Any(g.Float, 1, mayBeEmpty: false);
        int rank = g.At(x).Rank, axis = g.Next(0, rank - 1);
        int[] normalized = g.DimsOf(x)[axis..];
        g.AddMany(new LayerNormalization { Axis = g.Chance(0.5) ? axis : axis - rank }, 3, 1, x, g.Exactly(g.TypeOf(x), normalized), g.Chance(0.5) ? g.Exactly(g.TypeOf(x), normalized) : null);
    }

    // A PNM file of random grey or coloured pixels; now and then its end is missing.
    private static Value Pixmap(NetworkGenerator g)
    {
        int width = g.Next(0, 3), height = g.Next(0, 3);
        bool coloured = g.Chance(0.7);
        byte[] pixels = [.. Enumerable.Range(0, width * height * (coloured ? 3 : 1)).Select(_ => (byte)g.Next(0, 255))];
        byte[] file = [.. System.Text.Encoding.ASCII.GetBytes($"P{(coloured ? 6 : 5)} {width} {height} 255\n"), .. pixels];
        return g.Make(Tensor.Vector<byte>(file.AsSpan(0, g.Chance(0.1) ? file.Length / 2 : file.Length)));
    }
}
