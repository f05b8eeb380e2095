using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>
/// Evaluates <see cref="Resize"/> one axis after the other. Coordinates of nearest mode are computed in binary32: there a
/// last bit decides which element is taken, and models are made with runtimes that use it.
/// </summary>
internal static class ResizeReference
{
    public static Tensor Evaluate(Resize op, ReferenceContext context)
    {
        var x = context[0];
        int[] axes = op.Axes.IsEmpty ? [.. Enumerable.Range(0, x.Rank)] : [.. op.Axes.Select(a => (int)(a < 0 ? a + x.Rank : a))];
        if (axes.Any(a => a < 0 || a >= x.Rank)) throw ReferenceContext.Fail($"axes {string.Join(", ", op.Axes)} lie outside {x}");
        var plan = Plan(op, context, x, axes);
        return op.Mode == Interpolation.Nearest ? Nearest(op, context, x, plan) : Interpolate(op, context, x, plan);
    }

    /// <summary>How one axis is resampled: output extent, scale, and its part of the region of interest.</summary>
    private readonly record struct AxisPlan(int Axis, int Output, double Scale, double Start, double End);

    private static AxisPlan[] Plan(Resize op, ReferenceContext context, Tensor x, int[] axes)
    {
        float[] scales = context.Tensor(Resize.Scales)?.Span<float>().ToArray() ?? [];
        long[] sizes = context.Tensor(Resize.Sizes)?.ToInt64s() ?? [];
        if (scales.Length > 0 == sizes.Length > 0) throw ReferenceContext.Fail("exactly one of scales and sizes must have elements");
        if (scales.Length + sizes.Length != axes.Length) throw ReferenceContext.Fail($"{scales.Length + sizes.Length} scales or sizes are given for {axes.Length} axes");
        double[]? roi = op.Transformation == CoordinateTransformation.TfCropAndResize ? context[Resize.Roi].ToDoubles() : null;
        if (roi is not null && roi.Length != 2 * axes.Length) throw ReferenceContext.Fail($"the region of interest needs {2 * axes.Length} values, has {roi.Length}");

        var plan = new AxisPlan[axes.Length];
        for (int i = 0; i < plan.Length; i++)
        {
            int input = x.Dims[axes[i]];
            double scale = scales.Length > 0 ? scales[i] : sizes[i] / (double)input;
            double output = scales.Length > 0 ? Math.Floor(input * scales[i]) : sizes[i];
            if (scales.Length > 0 && !(scale > 0)) throw ReferenceContext.Fail($"scales must be positive, one is {scale}");
            if (output is < 0 or > int.MaxValue || double.IsNaN(output)) throw ReferenceContext.Fail($"axis {axes[i]} of {input} elements cannot become {output}");
            if (output > 0 && input == 0) throw ReferenceContext.Fail($"axis {axes[i]} has no elements to resample");
            plan[i] = new(axes[i], (int)output, scale, roi?[i] ?? 0, roi?[axes.Length + i] ?? 1);
        }
        if (sizes.Length > 0 && op.KeepAspectRatio != AspectRatioPolicy.Stretch && plan.Length > 0)
        {
            double common = op.KeepAspectRatio == AspectRatioPolicy.NotLarger ? plan.Min(p => p.Scale) : plan.Max(p => p.Scale);
            for (int i = 0; i < plan.Length; i++) plan[i] = plan[i] with { Scale = common, Output = checked((int)Math.Floor(common * x.Dims[plan[i].Axis] + 0.5)) };
        }
        return plan;
    }

    private static Tensor Nearest(Resize op, ReferenceContext context, Tensor x, AxisPlan[] plan)
    {
        int[] dims = [.. x.Dims];
        int[] sources = [.. Enumerable.Range(0, x.Count)];
        bool extrapolates = false;
        foreach (var axis in plan)
        {
            var taps = new int[axis.Output];
            for (int o = 0; o < taps.Length; o++)
            {
                float at = SingleCoordinate(op.Transformation, o, x.Dims[axis.Axis], axis);
                bool outside = op.Transformation == CoordinateTransformation.TfCropAndResize && (at < 0 || at > x.Dims[axis.Axis] - 1);
                extrapolates |= outside;
                taps[o] = outside ? -1 : (int)Math.Clamp(Round(op.NearestMode, at), 0, x.Dims[axis.Axis] - 1);
            }
            sources = Along(context, sources, dims, axis.Axis, taps);
            dims[axis.Axis] = axis.Output;
        }
        var result = Slabs.Gather(x, dims, sources);
        if (!extrapolates || op.ExtrapolationValue == 0) return result;
        double[] values = result.ToDoubles();
        for (int i = 0; i < values.Length; i++)
        {
            if (sources[i] < 0) values[i] = op.ExtrapolationValue;
        }
        return Tensor.FromDoubles(x.ElementType, dims, values);
    }

    private static int[] Along(ReferenceContext context, int[] sources, int[] dims, int axis, int[] taps)
    {
        int inner = Tensor.CountOf(dims.AsSpan()[(axis + 1)..]), extent = dims[axis];
        int outer = Tensor.CountOf(dims.AsSpan()[..axis]);
        int count = Tensor.CountOf([outer, taps.Length, inner]);
        context.Reserve((long)count * sizeof(int));
        var result = new int[count];
        for (int i = 0; i < result.Length; i++)
        {
            int tap = taps[i / inner % taps.Length];
            result[i] = tap < 0 ? -1 : sources[(i / inner / taps.Length * extent + tap) * inner + i % inner];
        }
        return result;
    }

    private static Tensor Interpolate(Resize op, ReferenceContext context, Tensor x, AxisPlan[] plan)
    {
        int[] dims = [.. x.Dims];
        double[] values = x.ToDoubles();
        foreach (var axis in plan)
        {
            int input = dims[axis.Axis];
            bool untouched = axis.Scale == 1 && axis.Output == input && axis is { Start: 0, End: 1 };
            if (!untouched) values = Filter(op, context, values, dims, axis);
            dims[axis.Axis] = axis.Output;
        }
        if (x.ElementType.IsInteger())
        {
            var (least, most) = IntegerRange(x.ElementType);
            for (int i = 0; i < values.Length; i++) values[i] = Math.Clamp(Math.Round(values[i], MidpointRounding.ToEven), least, most);
        }
        return Tensor.FromDoubles(x.ElementType, dims, values);
    }

    private static double[] Filter(Resize op, ReferenceContext context, double[] values, int[] dims, AxisPlan plan)
    {
        int input = dims[plan.Axis], inner = Tensor.CountOf(dims.AsSpan()[(plan.Axis + 1)..]), outer = Tensor.CountOf(dims.AsSpan()[..plan.Axis]);
        int count = Tensor.CountOf([outer, plan.Output, inner]);
        context.Reserve((long)count * sizeof(double));
        var result = new double[count];
        for (int o = 0; o < plan.Output; o++)
        {
            double at = Coordinate(op.Transformation, o, input, plan);
            bool outside = op.Transformation == CoordinateTransformation.TfCropAndResize && (at < 0 || at > input - 1);
            var (first, weights) = Weights(op, at, plan.Scale, input);
            for (int line = 0; line < outer; line++)
            {
                context.Observe();
                var target = result.AsSpan((line * plan.Output + o) * inner, inner);
                if (outside)
                {
                    target.Fill(op.ExtrapolationValue);
                    continue;
                }
                for (int t = 0; t < weights.Length; t++)
                {
                    var source = values.AsSpan((line * input + Math.Clamp(first + t, 0, input - 1)) * inner, inner);
                    for (int i = 0; i < inner; i++) target[i] += weights[t] * source[i];
                }
            }
        }
        return result;
    }

    /// <summary>The first neighbour and the weights, which sum to 1; antialiasing stretches the filter by 1/scale.</summary>
    private static (int First, double[] Weights) Weights(Resize op, double at, double scale, int input)
    {
        double shrink = op.Antialias ? Math.Min(scale, 1) : 1;
        int reach = op.Mode == Interpolation.Cubic ? 2 : 1;
        int start = (int)Math.Floor(-reach / shrink) + 1;
        // A whole coordinate belongs to the interval that ends in it.
        double left = Math.Ceiling(at) - 1;
        int first = (int)left + start;
        var weights = new double[2 - 2 * start];
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double distance = Math.Abs(left + start + i - at) * shrink;
            bool excluded = op.ExcludeOutside && (first + i < 0 || first + i >= input);
            sum += weights[i] = excluded ? 0 : op.Mode == Interpolation.Cubic ? SamplingTaps.Cubic(distance, op.CubicCoefficient) : Math.Max(0, 1 - distance);
        }
        if (op.Antialias || op.ExcludeOutside)
        {
            for (int i = 0; i < weights.Length; i++) weights[i] /= sum == 0 ? 1 : sum;
        }
        return (first, weights);
    }

    private static double Coordinate(CoordinateTransformation transformation, double o, int input, AxisPlan plan)
    {
        double exact = plan.Scale * input;
        return transformation switch
        {
            CoordinateTransformation.AlignCorners => exact == 1 ? 0 : o * (input - 1) / (exact - 1),
            CoordinateTransformation.Asymmetric => o / plan.Scale,
            CoordinateTransformation.TfHalfPixelForNn => (o + 0.5) / plan.Scale,
            CoordinateTransformation.PytorchHalfPixel when plan.Output == 1 => -0.5,
            CoordinateTransformation.HalfPixelSymmetric => input / 2.0 * (1 - plan.Output / exact) + (o + 0.5) / plan.Scale - 0.5,
            CoordinateTransformation.TfCropAndResize => plan.Start * (input - 1) + (exact == 1 ? (plan.End - plan.Start) * (input - 1) / 2 : o * (plan.End - plan.Start) * (input - 1) / (exact - 1)),
            _ => (o + 0.5) / plan.Scale - 0.5,
        };
    }

    private static float SingleCoordinate(CoordinateTransformation transformation, float o, int input, AxisPlan plan)
    {
        float scale = (float)plan.Scale;
        return transformation switch
        {
            CoordinateTransformation.Asymmetric => o / scale,
            CoordinateTransformation.TfHalfPixelForNn => (o + 0.5f) / scale,
            CoordinateTransformation.PytorchHalfPixel when plan.Output == 1 => -0.5f,
            CoordinateTransformation.HalfPixel or CoordinateTransformation.PytorchHalfPixel => (o + 0.5f) / scale - 0.5f,
            _ => (float)Coordinate(transformation, o, input, plan),
        };
    }

    private static double Round(NearestMode mode, float at) => mode switch
    {
        NearestMode.Floor => Math.Floor(at),
        NearestMode.Ceil => Math.Ceiling(at),
        NearestMode.RoundPreferCeil => Math.Floor(at + 0.5),
        _ => Math.Ceiling(at - 0.5),
    };

    private static (double Least, double Most) IntegerRange(ElementType type)
    {
        int bits = type.Bits();
        return type.Kind() == ElementKind.Unsigned ? (0, Math.ScaleB(1, bits) - 1) : (-Math.ScaleB(1, bits - 1), Math.ScaleB(1, bits - 1) - 1);
    }
}
