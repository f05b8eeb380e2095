using Strata.Kernels.Reduction;
using Strata.Kernels.Simd;
using Strata.Operators.Reference;

namespace Strata.Kernels.Pooling;

/// <summary>
/// The means of the windows of f32 planes <c>[planes, input]</c>, over up to three spatial axes, each summed in the order of its elements:
/// where means of codes lie between two codes, another order would round to the other one.
/// </summary>
/// <param name="planes">Samples times channels.</param>
/// <param name="window">The windows.</param>
/// <param name="counts">For each axis and output how many elements a window has along the axis.</param>
/// <param name="output">Position of the result among the buffers.</param>
internal sealed unsafe class OrderedMeanKernel<V>(int planes, WindowGeometry window, int[][] counts, int output) : IKernel where V : struct, ISimd<V>
{
    private const int PartOperations = 1 << 15;

    private readonly int inputSize = window.InputCount, outputSize = window.OutputCount;
    private readonly PoolAxis depth = PoolAxis.Of(window, counts, 0), height = PoolAxis.Of(window, counts, 1), width = PoolAxis.Of(window, counts, 2);
    private readonly int step = (int)Math.Clamp(PartOperations / Math.Max(1, (long)window.OutputCount * window.KernelCount), 1, Math.Max(planes, 1)); // planes of a part

    /// <inheritdoc/>
    public long ScratchBytes => sizeof(nint) * (long)depth.Kernel * height.Kernel;

    public int Parts(int phase) => Math.Max(1, (int)(((long)planes + step - 1) / step));

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float** rows = (float**)buffers.Scratch;
        float* end = buffers.F32(0) + (long)planes * inputSize;
        int last = (int)Math.Min(planes, (part + 1L) * step);
        for (int plane = part * step; plane < last; plane++)
        {
            float* x = buffers.F32(0) + (long)plane * inputSize;
            long offset = (long)plane * outputSize;
            for (int d = 0; d < depth.Output; d++)
            {
                for (int h = 0; h < height.Output; h++, offset += width.Output)
                {
                    Row(x, buffers.F32(output) + offset, d, h, rows, end);
                }
            }
        }
    }

    private void Row(float* x, float* y, int d, int h, float** rows, float* end)
    {
        int count = 0;
        for (int i = 0; i < depth.Kernel; i++)
        {
            if (!depth.Reads(d, i, out int z)) continue;
            for (int j = 0; j < height.Kernel; j++)
            {
                if (height.Reads(h, j, out int r)) rows[count++] = x + ((long)z * height.Input + r) * width.Input;
            }
        }
        var (first, last) = width.Interior;
        // A vector of every other element is read with one element more.
        if (count > 0 && first < last && end - rows[count - 1] < (last - 1L) * width.Stride + width.Offset(width.Kernel - 1) + width.Stride) last--;
        int done = width.Stride > 2 ? first : Vectors<V>(rows, count, y, first, last);
        for (int o = 0; o < first; o++) y[o] = Single(rows, count, o);
        for (int o = done; o < width.Output; o++) y[o] = Single(rows, count, o);
        int counted = depth.Counts[d] * height.Counts[h];
        for (int o = 0; o < width.Output; o++) y[o] = MeanOf.Finish(y[o], counted * width.Counts[o]);
    }

    // Outputs from first to last, the last vector of which overlaps the one before it; returns the output after those that were computed.
    private int Vectors<W>(float** rows, int count, float* y, int first, int last) where W : struct, ISimd<W>
    {
        if (last - first < W.Count)
        {
            return W.Count > F256.Count ? Vectors<F256>(rows, count, y, first, last) : W.Count > F128.Count ? Vectors<F128>(rows, count, y, first, last) : first;
        }
        for (int o = first; o < last; o += W.Count)
        {
            int at = Math.Min(o, last - W.Count);
            long from = (long)at * width.Stride + width.Offset(0);
            W total = W.Of(MeanOf.Start);
            for (int i = 0; i < count; i++)
            {
                float* x = rows[i] + from;
                for (int k = 0; k < width.Kernel; k++, x += width.Dilation)
                {
                    total = MeanOf.Step(total, width.Stride == 1 ? W.Load(x) : W.Evens(W.Load(x), W.Load(x + W.Count)));
                }
            }
            total.Store(y + at);
        }
        return last;
    }

    private float Single(float** rows, int count, int output)
    {
        F32 total = F32.Of(MeanOf.Start);
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < width.Kernel; k++)
            {
                if (width.Reads(output, k, out int at)) total = MeanOf.Step(total, F32.Load(rows[i] + at));
            }
        }
        return total.Sum();
    }
}
