using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Resize"/> one axis after the other.</summary>
internal static class ResizeReference
{
    public static Tensor Evaluate(Resize op, ReferenceContext context)
    {
        var x = context[0];
        double[]? region = op.Transformation == CoordinateTransformation.TfCropAndResize ? context[Resize.Roi].ToDoubles() : null;
        var axes = ResizeGeometry.Axes(op, x.Dims.AsSpan(), context.Tensor(Resize.Scales)?.Span<float>().ToArray() ?? [], context.Tensor(Resize.Sizes)?.ToInt64s() ?? [], region);
        return op.Mode == Interpolation.Nearest ? Nearest(op, context, x, axes) : Interpolate(op, context, x, axes);
    }

    private static Tensor Nearest(Resize op, ReferenceContext context, Tensor x, ResizedAxis[] plan)
    {
        int[] dims = [.. x.Dims];
        int[] sources = [.. Enumerable.Range(0, x.Count)];
        bool extrapolates = false;
        foreach (var axis in plan)
        {
            int[] taps = ResizeGeometry.Nearest(op, axis);
            extrapolates |= taps.Contains(-1);
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

    private static Tensor Interpolate(Resize op, ReferenceContext context, Tensor x, ResizedAxis[] plan)
    {
        int[] dims = [.. x.Dims];
        double[] values = x.ToDoubles();
        foreach (var axis in plan)
        {
            if (!axis.IsUntouched) values = Filter(op, context, values, dims, axis);
            dims[axis.Axis] = axis.Output;
        }
        if (x.ElementType.IsInteger())
        {
            var (least, most) = IntegerRange(x.ElementType);
            for (int i = 0; i < values.Length; i++) values[i] = Math.Clamp(Math.Round(values[i], MidpointRounding.ToEven), least, most);
        }
        return Tensor.FromDoubles(x.ElementType, dims, values);
    }

    private static double[] Filter(Resize op, ReferenceContext context, double[] values, int[] dims, ResizedAxis plan)
    {
        int input = dims[plan.Axis], inner = Tensor.CountOf(dims.AsSpan()[(plan.Axis + 1)..]), outer = Tensor.CountOf(dims.AsSpan()[..plan.Axis]);
        int count = Tensor.CountOf([outer, plan.Output, inner]);
        context.Reserve((long)count * sizeof(double));
        var result = new double[count];
        for (int o = 0; o < plan.Output; o++)
        {
            var taps = ResizeGeometry.Taps(op, plan, o);
            for (int line = 0; line < outer; line++)
            {
                context.Observe();
                var target = result.AsSpan((line * plan.Output + o) * inner, inner);
                if (taps is not var (first, weights))
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

    private static (double Least, double Most) IntegerRange(ElementType type)
    {
        int bits = type.Bits();
        return type.Kind() == ElementKind.Unsigned ? (0, Math.ScaleB(1, bits) - 1) : (-Math.ScaleB(1, bits - 1), Math.ScaleB(1, bits - 1) - 1);
    }
}
