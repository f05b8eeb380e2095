using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How one axis is resampled: input and output extent, scale, and its part of the region of interest.</summary>
internal readonly record struct ResizedAxis(int Axis, int Input, int Output, double Scale, double Start, double End)
{
    /// <summary>True when every element stays where it is.</summary>
    public bool IsUntouched => Scale == 1 && Output == Input && this is { Start: 0, End: 1 };
}

/// <summary>
/// Which elements of an axis a resampled one is made from. Coordinates of nearest mode are computed in binary32: there a
/// last bit decides which element is taken, and models are made with runtimes that use it.
/// </summary>
internal static class ResizeGeometry
{
    /// <summary>The axes that are resampled, in order.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="dims">Dimensions of the operand.</param>
    /// <param name="scales">Scales, or empty.</param>
    /// <param name="sizes">Output extents, or empty.</param>
    /// <param name="region">The region of interest: starts, then ends; used under tf_crop_and_resize.</param>
    /// <exception cref="InvalidInputException">They do not fit the operand.</exception>
    public static ResizedAxis[] Axes(Resize op, ReadOnlySpan<int> dims, float[] scales, long[] sizes, double[]? region)
    {
        int[] axes = AxisList.Resolve(op.Axes.IsEmpty ? [.. Enumerable.Range(0, dims.Length).Select(d => (long)d)] : op.Axes.AsSpan(), dims.Length);
        if (scales.Length > 0 == sizes.Length > 0) throw new InvalidInputException("exactly one of scales and sizes must have elements");
        if (scales.Length + sizes.Length != axes.Length) throw new InvalidInputException($"{scales.Length + sizes.Length} scales or sizes are given for {axes.Length} axes");
        double[]? roi = op.Transformation == CoordinateTransformation.TfCropAndResize ? region : null;
        if (roi is not null && roi.Length != 2 * axes.Length) throw new InvalidInputException($"the region of interest needs {2 * axes.Length} values, has {roi.Length}");

        var plan = new ResizedAxis[axes.Length];
        for (int i = 0; i < plan.Length; i++)
        {
            int input = dims[axes[i]];
            double scale = scales.Length > 0 ? scales[i] : sizes[i] / (double)input;
            double output = scales.Length > 0 ? Math.Floor(input * scales[i]) : sizes[i];
            if (scales.Length > 0 && !(scale > 0)) throw new InvalidInputException($"scales must be positive, one is {scale}");
            if (output is < 0 or > int.MaxValue || double.IsNaN(output)) throw new InvalidInputException($"axis {axes[i]} of {input} elements cannot become {output}");
            if (output > 0 && input == 0) throw new InvalidInputException($"axis {axes[i]} has no elements to resample");
            plan[i] = new(axes[i], input, (int)output, scale, roi?[i] ?? 0, roi?[axes.Length + i] ?? 1);
        }
        if (sizes.Length > 0 && op.KeepAspectRatio != AspectRatioPolicy.Stretch && plan.Length > 0)
        {
            double common = op.KeepAspectRatio == AspectRatioPolicy.NotLarger ? plan.Min(p => p.Scale) : plan.Max(p => p.Scale);
            for (int i = 0; i < plan.Length; i++) plan[i] = plan[i] with { Scale = common, Output = checked((int)Math.Floor(common * plan[i].Input + 0.5)) };
        }
        return plan;
    }

    /// <summary>For each element of the resampled axis the one it repeats; −1 outside the input.</summary>
    public static int[] Nearest(Resize op, ResizedAxis axis)
    {
        var taps = new int[axis.Output];
        for (int o = 0; o < taps.Length; o++)
        {
            float at = SingleCoordinate(op.Transformation, o, axis);
            bool outside = op.Transformation == CoordinateTransformation.TfCropAndResize && (at < 0 || at > axis.Input - 1);
            taps[o] = outside ? -1 : (int)Math.Clamp(Round(op.NearestMode, at), 0, axis.Input - 1);
        }
        return taps;
    }

    /// <summary>
    /// The first neighbour of a resampled element (positions beyond the ends mean the first and last element) and the weights,
    /// which sum to 1; null outside the input. Antialiasing stretches the filter by 1/scale.
    /// </summary>
    public static (int First, double[] Weights)? Taps(Resize op, ResizedAxis axis, int element)
    {
        double at = Coordinate(op.Transformation, element, axis);
        if (op.Transformation == CoordinateTransformation.TfCropAndResize && (at < 0 || at > axis.Input - 1)) return null;
        double shrink = op.Antialias ? Math.Min(axis.Scale, 1) : 1;
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
            bool excluded = op.ExcludeOutside && (first + i < 0 || first + i >= axis.Input);
            sum += weights[i] = excluded ? 0 : op.Mode == Interpolation.Cubic ? Reference.SamplingTaps.Cubic(distance, op.CubicCoefficient) : Math.Max(0, 1 - distance);
        }
        if (op.Antialias || op.ExcludeOutside)
        {
            for (int i = 0; i < weights.Length; i++) weights[i] /= sum == 0 ? 1 : sum;
        }
        return (first, weights);
    }

    private static double Coordinate(CoordinateTransformation transformation, double o, ResizedAxis axis)
    {
        int input = axis.Input;
        double exact = axis.Scale * input;
        return transformation switch
        {
            CoordinateTransformation.AlignCorners => exact == 1 ? 0 : o * (input - 1) / (exact - 1),
            CoordinateTransformation.Asymmetric => o / axis.Scale,
            CoordinateTransformation.TfHalfPixelForNn => (o + 0.5) / axis.Scale,
            CoordinateTransformation.PytorchHalfPixel when axis.Output == 1 => -0.5,
            CoordinateTransformation.HalfPixelSymmetric => input / 2.0 * (1 - axis.Output / exact) + (o + 0.5) / axis.Scale - 0.5,
            CoordinateTransformation.TfCropAndResize => axis.Start * (input - 1) + (exact == 1 ? (axis.End - axis.Start) * (input - 1) / 2 : o * (axis.End - axis.Start) * (input - 1) / (exact - 1)),
            _ => (o + 0.5) / axis.Scale - 0.5,
        };
    }

    private static float SingleCoordinate(CoordinateTransformation transformation, float o, ResizedAxis axis)
    {
        float scale = (float)axis.Scale;
        return transformation switch
        {
            CoordinateTransformation.Asymmetric => o / scale,
            CoordinateTransformation.TfHalfPixelForNn => (o + 0.5f) / scale,
            CoordinateTransformation.PytorchHalfPixel when axis.Output == 1 => -0.5f,
            CoordinateTransformation.HalfPixel or CoordinateTransformation.PytorchHalfPixel => (o + 0.5f) / scale - 0.5f,
            _ => (float)Coordinate(transformation, o, axis),
        };
    }

    private static double Round(NearestMode mode, float at) => mode switch
    {
        NearestMode.Floor => Math.Floor(at),
        NearestMode.Ceil => Math.Ceiling(at),
        NearestMode.RoundPreferCeil => Math.Floor(at + 0.5),
        _ => Math.Ceiling(at - 0.5),
    };
}
