using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Pooling;

/// <summary><see cref="QLinearGlobalAveragePool"/>: an exact integer sum per channel, scaled in binary32.</summary>
internal sealed unsafe class CodeMeanKernel : IKernel
{
    private const int PartElements = 1 << 14;

    private readonly bool isSigned, hasXZero, hasYZero;
    private readonly int planes, size, channels, step, output;
    private readonly long next, first; // elements from one code of a channel to the next; channels that lie side by side

    /// <summary>Prepares the sums.</summary>
    public CodeMeanKernel(KernelRequest request)
    {
        int[] dims = request.Input(0).Dims;
        bool last = ((QLinearPooling)request.Operator).ChannelsLast;
        (isSigned, hasXZero, hasYZero, output) = (request.Input(0).Type == ElementType.Int8, request.Has(2), request.Has(4), request.OutputIndex());
        (channels, size) = last ? (dims[^1], Tensor.CountOf(dims.AsSpan(1, dims.Length - 2))) : (dims[1], Tensor.CountOf(dims.AsSpan(2)));
        planes = checked(dims[0] * channels);
        (next, first) = last ? (channels, channels) : (1, 1);
        step = Math.Max(1, PartElements / Math.Max(1, size));
    }

    /// <inheritdoc/>
    public int Parts(int phase) => Math.Max(1, (planes + step - 1) / step);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        byte* x = buffers.Get<byte>(0), y = buffers.Get<byte>(output);
        long zero = hasXZero ? Number(*buffers.Get<byte>(2)) : 0, origin = hasYZero ? Number(*buffers.Get<byte>(4)) : 0;
        float scale = buffers.F32(1)[0] / (buffers.F32(3)[0] * size);
        double least = isSigned ? sbyte.MinValue : 0, most = isSigned ? sbyte.MaxValue : byte.MaxValue;
        for (int plane = part * step, end = Math.Min(planes, plane + step); plane < end; plane++)
        {
            byte* from = x + plane / first * first * size + plane % first;
            long sum = -zero * size;
            for (int i = 0; i < size; i++, from += next) sum += Number(*from);
            double value = sum * scale;
            y[plane] = (byte)(int)(double.IsNaN(value) ? least : Math.Clamp(Math.Round(value, MidpointRounding.ToEven) + origin, least, most));
        }
    }

    private int Number(byte code) => isSigned ? (sbyte)code : code;
}
