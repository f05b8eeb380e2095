using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="QLinearPooling"/> operators in binary32, as their results round by it.</summary>
internal static class QLinearPoolingReference
{
    public static Tensor Average(QLinearAveragePool op, ReferenceContext context)
    {
        var (x, parameters) = Read(context, op.ChannelsLast);
        var window = PoolingReference.Geometry(op.Window, x, op.CeilMode);
        int[] counts = PoolingReference.Counts(context, op.CountIncludePad ? window.WithPaddingAsInput() : window);
        var codes = x.ToInt64s();
        int channels = Tensor.CountOf(x.Dims.AsSpan()[..2]), inputSize = window.InputCount, outputSize = window.OutputCount;
        var sums = new float[Tensor.CountOf([channels, outputSize])];
        var taps = window.Taps(context);
        for (int c = 0; c < channels; c++)
        {
            foreach (var run in taps.SelectMany(static t => t))
            {
                context.Observe();
                for (int j = 0; j < run.Length; j++)
                {
                    long code = codes[c * inputSize + run.Input + j * run.InputStep];
                    sums[c * outputSize + run.Output + j] += (code - parameters.InputZero) * parameters.InputScale;
                }
            }
        }
        var result = new long[sums.Length];
        for (int i = 0; i < result.Length; i++)
        {
            // ONNX Runtime, whose operator this is, rounds after the zero-point: an odd one turns ties the other way.
            result[i] = Requantization.Code(sums[i] / counts[i % outputSize] / parameters.OutputScale + parameters.OutputZero, 0, x.ElementType);
        }
        return Write(x.ElementType, [x.Dims[0], x.Dims[1], .. window.Output], result, op.ChannelsLast);
    }

    public static Tensor GlobalAverage(QLinearGlobalAveragePool op, ReferenceContext context)
    {
        var (x, parameters) = Read(context, op.ChannelsLast);
        var codes = x.ToInt64s();
        int size = Tensor.CountOf(x.Dims.AsSpan()[2..]);
        var result = new long[Tensor.CountOf(x.Dims.AsSpan()[..2])];
        float scale = parameters.InputScale / (parameters.OutputScale * size);
        for (int c = 0; c < result.Length; c++)
        {
            long sum = 0;
            for (int i = 0; i < size; i++) sum += codes[c * size + i] - parameters.InputZero;
            result[c] = Requantization.Code(sum * scale, parameters.OutputZero, x.ElementType);
        }
        var dims = x.Dims.ToArray();
        dims.AsSpan(2).Fill(1);
        return Write(x.ElementType, dims, result, op.ChannelsLast);
    }

    private readonly record struct Parameters(float InputScale, long InputZero, float OutputScale, long OutputZero);

    private static (Tensor X, Parameters Parameters) Read(ReferenceContext context, bool channelsLast)
    {
        var x = context[0];
        if (x.Rank < 3) throw ReferenceContext.Fail($"the input needs rank 3 or more, is {x}");
        var parameters = new Parameters(QuantizedConvReference.Scalar(context, 1), Zero(2), QuantizedConvReference.Scalar(context, 3), Zero(4));
        return (channelsLast ? ChannelOrder.ToFirst(x) : x, parameters);

        long Zero(int index) => context.Tensor(index) switch
        {
            null => 0,
            { Count: 1 } zero => zero.ToInt64s()[0],
            var other => throw ReferenceContext.Fail($"input {index} must be a scalar, is {other}"),
        };
    }

    private static Tensor Write(ElementType type, int[] dims, long[] codes, bool channelsLast)
    {
        var result = Tensor.FromInt64s(type, dims, codes);
        return channelsLast ? ChannelOrder.ToLast(result) : result;
    }
}
