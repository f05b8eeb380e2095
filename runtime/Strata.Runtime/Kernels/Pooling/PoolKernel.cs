using System.Runtime.CompilerServices;
using Strata.Kernels.Reduction;
using Strata.Kernels.Simd;
using Strata.Operators.Reference;

namespace Strata.Kernels.Pooling;

/// <summary>
/// Reduces the windows of f32 planes <c>[planes, input]</c> to <c>[planes, output]</c>, over up to three spatial axes: for each row
/// of outputs first all input rows of its windows to one line, and then the line's elements of each window.
/// </summary>
/// <param name="planes">Samples times channels.</param>
/// <param name="window">The windows.</param>
/// <param name="counts">For each axis and output how many elements a window has along the axis.</param>
/// <param name="output">Position of the result among the buffers.</param>
/// <param name="epilogue">What is done to each row of results.</param>
internal sealed unsafe class PoolKernel<TOp, V>(int planes, WindowGeometry window, int[][] counts, int output, Epilogue epilogue) : IKernel where TOp : IReducer where V : struct, ISimd<V>
{
    /// <summary>Most spatial axes; missing outer ones count as 1.</summary>
    public const int Axes = 3;

    private const int PartOperations = 1 << 15;

    private readonly int inputSize = window.InputCount, outputSize = window.OutputCount;
    private readonly PoolAxis depth = PoolAxis.Of(window, counts, 0), height = PoolAxis.Of(window, counts, 1), width = PoolAxis.Of(window, counts, 2);
    private readonly int step = (int)Math.Clamp(PartOperations / Math.Max(1, (long)window.OutputCount * window.KernelCount), 1, Math.Max(planes, 1)); // planes of a part

    /// <inheritdoc/>
    public long ScratchBytes => sizeof(float) * (LineRoom + ResultRoom) + sizeof(float*) * ((long)depth.Kernel * height.Kernel);

    // f32 of a line between its fillers, and of a row of results, with what whole vectors touch beyond.
    private long LineRoom => Math.Max(Math.Max(width.Pad, 0) + (long)width.Input, (width.Output - 1L) * width.Stride + (width.Kernel - 1L) * width.Dilation + 1) + 2L * V.Count * Math.Min(width.Stride, 2);
    private long ResultRoom => width.Output + (long)V.Count;

    public int Parts(int phase) => Math.Max(1, (int)(((long)planes + step - 1) / step));

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float** rows = (float**)buffers.Scratch;
        float* line = (float*)(rows + (long)depth.Kernel * height.Kernel), results = line + LineRoom;
        new Span<float>(line, (int)LineRoom).Fill(TOp.Start);
        int last = (int)Math.Min(planes, (part + 1L) * step);
        for (int plane = part * step; plane < last; plane++)
        {
            float* x = buffers.F32(0) + (long)plane * inputSize;
            long offset = (long)plane * outputSize;
            for (int d = 0; d < depth.Output; d++)
            {
                for (int h = 0; h < height.Output; h++, offset += width.Output)
                {
                    float* y = buffers.F32(output) + offset;
                    Join(rows, Rows(x, d, h, rows), line + Math.Max(width.Pad, 0), width.Input - Math.Max(-width.Pad, 0));
                    Pool(line, results);
                    Finish(results, depth.Counts[d] * height.Counts[h], y);
                    if (!epilogue.IsEmpty) epilogue.Apply(y, offset, width.Output, buffers);
                }
            }
        }
    }

    private void Finish(float* results, int counted, float* y)
    {
        if (typeof(TOp) == typeof(LargestOf)) new Span<float>(results, width.Output).CopyTo(new(y, width.Output));
        else for (int o = 0; o < width.Output; o++) y[o] = TOp.Finish(results[o], counted * width.Counts[o]);
    }

    // The input rows that the windows of an output row share; returns how many there are.
    private int Rows(float* x, int d, int h, float** rows)
    {
        int count = 0;
        for (int i = 0; i < depth.Kernel; i++)
        {
            if (!depth.Reads(d, i, out int z)) continue;
            for (int j = 0; j < height.Kernel; j++)
            {
                if (height.Reads(h, j, out int r)) rows[count++] = x + ((long)z * height.Input + r) * width.Input + Math.Max(-width.Pad, 0);
            }
        }
        return count;
    }

    private static void Join(float** rows, int count, float* line, int length)
    {
        if (count == 0 && length > 0) new Span<float>(line, length).Fill(TOp.Start);
        if (count == 0) return;
        int at = 0;
        for (; at <= length - V.Count; at += V.Count) JoinAt<V>(rows, count, line, at);
        if (at < length && length >= V.Count) JoinAt<V>(rows, count, line, length - V.Count);
        else for (; at < length; at++) JoinAt<F32>(rows, count, line, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void JoinAt<W>(float** rows, int count, float* line, int at) where W : struct, ISimd<W>
    {
        W total = W.Load(rows[0] + at);
        for (int i = 1; i < count; i++) total = TOp.Step(total, W.Load(rows[i] + at));
        total.Store(line + at);
    }

    private void Pool(float* line, float* results)
    {
        int kernel = width.Kernel, dilation = width.Dilation, stride = width.Stride, count = width.Output;
        if (stride > 2)
        {
            for (int o = 0; o < count; o++)
            {
                F32 total = F32.Of(TOp.Start);
                for (int k = 0; k < kernel; k++) total = TOp.Step(total, F32.Load(line + (long)o * stride + (long)k * dilation));
                total.Store(results + o);
            }
            return;
        }
        for (int o = 0; o < count; o += V.Count)
        {
            V total = V.Of(TOp.Start);
            float* from = line + (long)o * stride;
            for (int k = 0; k < kernel; k++, from += dilation) total = TOp.Step(total, stride == 1 ? V.Load(from) : V.Evens(V.Load(from), V.Load(from + V.Count)));
            total.Store(results + o);
        }
    }
}

/// <summary>One spatial axis of pooling windows.</summary>
/// <param name="Input">Extent of the input.</param>
/// <param name="Kernel">Elements of a window.</param>
/// <param name="Output">Number of windows.</param>
/// <param name="Stride">Distance of windows.</param>
/// <param name="Dilation">Distance of the elements of a window.</param>
/// <param name="Pad">Elements before the input.</param>
/// <param name="Counts">How many elements each window counts.</param>
internal sealed record PoolAxis(int Input, int Kernel, int Output, int Stride, int Dilation, int Pad, int[] Counts)
{
    /// <summary>The first output whose window lies in the input, and the one after the last.</summary>
    public (int First, int Last) Interior { get; } = Within(Input, Kernel, Output, Stride, Dilation, Pad);

    /// <summary>Where the first window's element lies.</summary>
    public long Offset(int k) => (long)k * Dilation - Pad;

    /// <summary>True when an element of a window lies in the input; <paramref name="position"/> says where.</summary>
    public bool Reads(int output, int k, out int position)
    {
        long at = (long)output * Stride + Offset(k);
        position = (int)at;
        return at >= 0 && at < Input;
    }

    private static (int First, int Last) Within(int input, int kernel, int output, int stride, int dilation, int pad)
    {
        long first = Math.Max(0, ((long)pad + stride - 1) / stride), reach = (long)input - 1 - (kernel - 1L) * dilation + pad;
        long last = Math.Min(output, reach < 0 ? 0 : reach / stride + 1);
        return first >= last ? (0, 0) : ((int)first, (int)last);
    }

    /// <summary>One of three axes, of which missing outer ones have one window of one element.</summary>
    public static PoolAxis Of(WindowGeometry window, int[][] counts, int axis)
    {
        int d = axis - (3 - window.Input.Length);
        return d < 0 ? new(1, 1, 1, 1, 1, 0, [1]) : new(window.Input[d], window.Kernel[d], window.Output[d], window.Stride[d], window.Dilation[d], window.PadBegin[d], counts[d]);
    }

    /// <summary>How many elements of each window lie in the input, axis by axis.</summary>
    public static int[][] CountsOf(WindowGeometry window) =>
        [.. window.Input.Select((input, d) => Enumerable.Range(0, window.Output[d])
            .Select(o => Enumerable.Range(0, window.Kernel[d]).Count(k => (long)o * window.Stride[d] + (long)k * window.Dilation[d] - window.PadBegin[d] is var at && at >= 0 && at < input)).ToArray())];
}
