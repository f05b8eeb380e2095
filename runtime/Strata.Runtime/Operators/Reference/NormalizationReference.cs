using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates batch, instance, group, layer and RMS normalisation in binary64.</summary>
internal static class NormalizationReference
{
    public static IReadOnlyList<RuntimeValue?> Batch(BatchNormalization op, ReferenceContext context)
    {
        var x = context[0];
        if (x.Rank == 0) throw ReferenceContext.Fail("the input is a scalar");
        int samples = x.Dims[0], channels = x.Rank == 1 ? 1 : x.Dims[1], inner = x.Rank <= 2 ? 1 : Tensor.CountOf(x.Dims.AsSpan()[2..]);
        double[] values = x.ToDoubles(), scale = Vector(context, 1, channels), bias = Vector(context, 2, channels);
        double[] mean = Vector(context, 3, channels), variance = Vector(context, 4, channels);
        double[] runningMean = mean, runningVariance = variance;
        if (op.TrainingMode)
        {
            (mean, variance) = ChannelStatistics(values, samples, channels, inner);
            runningMean = Blend(runningMean, mean, op.Momentum);
            runningVariance = Blend(runningVariance, variance, op.Momentum);
        }
        for (int i = 0; i < values.Length; i++)
        {
            int c = i / inner % channels;
            values[i] = (values[i] - mean[c]) / Math.Sqrt(variance[c] + op.Epsilon) * scale[c] + bias[c];
        }
        var type = context[3].ElementType;
        return [Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values), Statistics(1, runningMean), Statistics(2, runningVariance)];

        Tensor? Statistics(int output, double[] result) => context.Wants(output) ? Tensor.FromDoubles(type, [channels], result) : null;
    }

    public static Tensor Instance(InstanceNormalization op, ReferenceContext context) => Channels(context, groups: null, op.Epsilon);

    public static Tensor Group(GroupNormalization op, ReferenceContext context) => Channels(context, op.NumGroups, op.Epsilon);

    public static IReadOnlyList<RuntimeValue?> Layer(LayerNormalization op, ReferenceContext context) => Trailing(op, context, centered: true);

    public static IReadOnlyList<RuntimeValue?> Rms(RmsNormalization op, ReferenceContext context) => Trailing(op, context, centered: false);

    private static Tensor Channels(ReferenceContext context, long? groups, double epsilon)
    {
        var x = context[0];
        if (x.Rank < 2) throw ReferenceContext.Fail($"the input needs rank 2 or more, is {x}");
        int channels = x.Dims[1], inner = Tensor.CountOf(x.Dims.AsSpan()[2..]);
        if (x.Count == 0) return x;
        if (channels % (groups ?? channels) != 0) throw ReferenceContext.Fail($"{groups} groups do not divide {channels} channels");
        double[] values = x.ToDoubles(), scale = Vector(context, 1, channels), bias = Vector(context, 2, channels);
        Standardize(values, (int)(channels / (groups ?? channels) * inner), epsilon, centered: true);
        for (int i = 0; i < values.Length; i++)
        {
            int c = i / inner % channels;
            values[i] = values[i] * scale[c] + bias[c];
        }
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }

    private static Tensor?[] Trailing(TrailingNormalization op, ReferenceContext context, bool centered)
    {
        var x = context[0];
        int axis = (int)(op.Axis < 0 ? op.Axis + x.Rank : op.Axis);
        if (axis < 0 || axis >= x.Rank) throw ReferenceContext.Fail($"axis {op.Axis} lies outside {x}");
        double[] values = x.ToDoubles();
        var (means, inverses) = Standardize(values, Tensor.CountOf(x.Dims.AsSpan()[axis..]), op.Epsilon, centered);
        Combine(context[1], static (value, scale) => value * scale);
        if (context.Tensor(2) is { } bias) Combine(bias, static (value, shift) => value + shift);

        var statisticDims = x.Dims.ToArray();
        statisticDims.AsSpan(axis).Fill(1);
        return [Tensor.FromDoubles(context[1].ElementType, x.Dims.AsSpan(), values), Statistics(1, means), Statistics(2, inverses)];

        Tensor? Statistics(int output, double[] result) => context.Wants(output) ? Tensor.FromDoubles(op.StashType!.Value, statisticDims, result) : null;

        void Combine(Tensor operand, Func<double, double, double> operation)
        {
            double[] operands = operand.ToDoubles();
            if (!Broadcasting.Dims(x, operand).AsSpan().SequenceEqual(x.Dims.AsSpan())) throw ReferenceContext.Fail($"{operand} does not broadcast to {x}");
            int[] positions = Broadcasting.Positions(operand, x.Dims.AsSpan());
            for (int i = 0; i < values.Length; i++) values[i] = operation(values[i], operands[positions[i]]);
        }
    }

    /// <summary>Standardises consecutive rows in place; returns each row's mean (0 unless centred) and 1/√(variance + epsilon).</summary>
    private static (double[] Means, double[] Inverses) Standardize(double[] values, int length, double epsilon, bool centered)
    {
        int rows = length == 0 ? 0 : values.Length / length;
        double[] means = new double[rows], inverses = new double[rows];
        for (int r = 0; r < rows; r++)
        {
            var row = values.AsSpan(r * length, length);
            if (centered)
            {
                foreach (double value in row) means[r] += value;
                means[r] /= length;
            }
            double squares = 0;
            foreach (double value in row) squares += (value - means[r]) * (value - means[r]);
            inverses[r] = 1 / Math.Sqrt(squares / length + epsilon);
            for (int i = 0; i < length; i++) row[i] = (row[i] - means[r]) * inverses[r];
        }
        return (means, inverses);
    }

    private static (double[] Means, double[] Variances) ChannelStatistics(double[] values, int samples, int channels, int inner)
    {
        double[] means = new double[channels], variances = new double[channels];
        for (int i = 0; i < values.Length; i++) means[i / inner % channels] += values[i] / ((double)samples * inner);
        for (int i = 0; i < values.Length; i++)
        {
            int c = i / inner % channels;
            variances[c] += (values[i] - means[c]) * (values[i] - means[c]) / ((double)samples * inner);
        }
        return (means, variances);
    }

    private static double[] Blend(double[] old, double[] current, double momentum) => [.. old.Zip(current, (a, b) => a * momentum + b * (1 - momentum))];

    private static double[] Vector(ReferenceContext context, int index, int length) => context[index].Count == length
        ? context[index].ToDoubles()
        : throw ReferenceContext.Fail($"input {index} has {context[index].Count} elements for {length} channels");
}
