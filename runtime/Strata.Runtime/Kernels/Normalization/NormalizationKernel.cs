using Strata.Kernels.Simd;

namespace Strata.Kernels.Normalization;

/// <summary>
/// Normalises each row of <c>[rows, length]</c> by its own mean and variance (or mean square), then scales and shifts: element
/// by element (layer and RMS normalisation), or by channels of <paramref name="inner"/> elements (instance and group normalisation).
/// </summary>
/// <param name="rows">Number of rows.</param>
/// <param name="length">Elements of a row.</param>
/// <param name="inner">Elements of a channel; 0 where each element has a scale of its own.</param>
/// <param name="period">Rows after which channels repeat.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="centers">False for RMS normalisation.</param>
/// <param name="request">The layer.</param>
internal sealed unsafe class NormalizationKernel<V>(int rows, int length, int inner, int period, float epsilon, bool centers, KernelRequest request) : IKernel where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 14;

    private readonly int step = Math.Max(1, PartElements / Math.Max(1, length)); // rows of a part
    private readonly bool hasBias = request.Has(2), hasMeans = Wants(request, 1), hasInverses = Wants(request, 2);
    private readonly int output = request.OutputIndex();
    private readonly Epilogue epilogue = request.Epilogue;

    public int Parts(int phase) => (int)Math.Max(1, ((long)rows + step - 1) / step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        int last = (int)Math.Min(rows, (part + 1L) * step);
        for (int r = part * step; r < last; r++)
        {
            long offset = (long)r * length;
            float* x = buffers.F32(0) + offset, y = buffers.F32(output) + offset, scale = buffers.F32(1), bias = hasBias ? buffers.F32(2) : null;
            float mean = centers ? (float)(RowSums<V>.Sum(x, length) / length) : 0;
            float inverse = (float)(1 / Math.Sqrt(RowSums<V>.Squares(x, length, mean) / length + epsilon));
            if (hasMeans) buffers.F32(output + 1)[r] = mean;
            if (hasInverses) buffers.F32(output + 2)[r] = inverse;
            if (inner == 0) AffineLoops<V>.PerElement(x, y, length, mean, inverse, scale, bias);
            else
            {
                int channels = length / inner, first = r % period * channels;
                for (int c = 0; c < channels; c++) AffineLoops<V>.Uniform(x + (long)c * inner, y + (long)c * inner, inner, mean, inverse * scale[first + c], bias[first + c]);
            }
            epilogue.Apply(y, offset, length, buffers);
        }
    }

    private static bool Wants(KernelRequest request, int output) => output < request.Outputs.Count && request.Outputs[output] is not null;
}

/// <summary>Batch normalisation by given statistics: each of <paramref name="rows"/> is a channel of <paramref name="inner"/> elements.</summary>
internal sealed unsafe class BatchNormalizationKernel<V>(int rows, int channels, int inner, float epsilon, int output, Epilogue epilogue) : IKernel where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 14;

    private readonly int step = Math.Max(1, PartElements / Math.Max(1, inner)); // rows of a part

    public int Parts(int phase) => (int)Math.Max(1, ((long)rows + step - 1) / step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        int last = (int)Math.Min(rows, (part + 1L) * step);
        for (int r = part * step; r < last; r++)
        {
            int c = r % channels;
            long offset = (long)r * inner;
            float* y = buffers.F32(output) + offset;
            float scale = (float)(buffers.F32(1)[c] / Math.Sqrt((double)buffers.F32(4)[c] + epsilon));
            AffineLoops<V>.Uniform(buffers.F32(0) + offset, y, inner, buffers.F32(3)[c], scale, buffers.F32(2)[c]);
            epilogue.Apply(y, offset, inner, buffers);
        }
    }
}
