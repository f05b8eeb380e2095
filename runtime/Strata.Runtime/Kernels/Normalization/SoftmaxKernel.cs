using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Normalization;

/// <summary>Softmax, or its logarithm, along the middle axis of <c>[outer, length, inner]</c>. Lines that are not consecutive are gathered first.</summary>
internal sealed unsafe class SoftmaxKernel<V>(int outer, int length, int inner, bool isLog, int output) : IKernel where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 13;

    private readonly long lines = (long)outer * inner;
    private readonly long step = Math.Max(1, PartElements / Math.Max(1, length)); // lines of a part

    public long ScratchBytes { get; } = inner == 1 ? 0 : 2L * sizeof(float) * length;

    public int Parts(int phase) => (int)Math.Max(1, (lines + step - 1) / step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        long last = Math.Min(lines, (part + 1) * step);
        float* gathered = (float*)buffers.Scratch, results = gathered + length;
        for (long line = part * step; line < last; line++)
        {
            long start = line / inner * length * inner + line % inner;
            float* x = buffers.F32(0) + start, y = buffers.F32(output) + start;
            if (inner == 1)
            {
                Line(x, y);
                continue;
            }
            for (int i = 0; i < length; i++) gathered[i] = x[(long)i * inner];
            Line(gathered, results);
            for (int i = 0; i < length; i++) y[(long)i * inner] = results[i];
        }
    }

    private void Line(float* x, float* y)
    {
        float largest = SoftmaxLoops<V>.Largest(x, length);
        double sum = 0;
        for (int i = 0; i < length; i += RowSums<V>.Block) sum += SoftmaxLoops<V>.Exponentials(x + i, y + i, Math.Min(RowSums<V>.Block, length - i), largest);
        if (isLog) Shift(x, y, length, largest, (float)Math.Log(sum));
        else SoftmaxLoops<V>.Scale(y, y, length, (float)(1 / sum));
    }

    private static void Shift(float* x, float* y, int count, float largest, float log)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Load(x + i) - V.Of(largest) - V.Of(log)).Store(y + i);
        for (; i < count; i++) y[i] = x[i] - largest - log;
    }
}
