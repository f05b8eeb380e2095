using System.Runtime.CompilerServices;
using Strata.Kernels.Conv;
using Strata.Kernels.Reduction;
using Strata.Kernels.Simd;
using Strata.Operators.Reference;

namespace Strata.Kernels.Pooling;

/// <summary>
/// Reduces the windows of f32 planes <c>[planes, input]</c> to <c>[planes, output]</c>, over up to three spatial axes. A row of
/// outputs takes one window element after another, each as a row of its own.
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
    public long ScratchBytes => sizeof(float) * 2 * RowRoom;

    // f32 of a row of outputs and of what whole vectors write beyond.
    private long RowRoom => width.Output + 2L * V.Count;

    public int Parts(int phase) => Math.Max(1, (int)(((long)planes + step - 1) / step));

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* row = (float*)buffers.Scratch, end = buffers.F32(0) + (long)planes * inputSize;
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
                    Row(x, y, d, h, row, row + RowRoom, end);
                    epilogue.Apply(y, offset, width.Output, buffers);
                }
            }
        }
    }

    private void Row(float* x, float* y, int d, int h, float* results, float* elements, float* end)
    {
        new Span<float>(results, width.Output).Fill(TOp.Start);
        for (int i = 0; i < depth.Kernel; i++)
        {
            if (!depth.Reads(d, i, out int z)) continue;
            for (int j = 0; j < height.Kernel; j++)
            {
                if (!height.Reads(h, j, out int r)) continue;
                float* row = x + ((long)z * height.Input + r) * width.Input;
                for (int k = 0; k < width.Kernel; k++)
                {
                    var (first, count) = width.Runs[k];
                    if (count == 0) continue;
                    InputRow.Write<V>(row + (long)first * width.Stride + width.Offset(k), width.Stride, first, count, width.Output - first - count, elements, end, TOp.Start);
                    Step(elements, results, width.Output);
                }
            }
        }
        int counted = depth.Counts[d] * height.Counts[h];
        for (int o = 0; o < width.Output; o++) y[o] = TOp.Finish(results[o], counted * width.Counts[o]);
    }

    private static void Step(float* x, float* y, int count)
    {
        for (int o = 0; o < count; o += V.Count) TOp.Step(V.Load(y + o), V.Load(x + o)).Store(y + o);
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
    /// <summary>For each window element the first output that reads the input through it, and how many do.</summary>
    public (int First, int Count)[] Runs { get; } = [.. Enumerable.Range(0, Kernel).Select(k =>
    {
        long offset = (long)k * Dilation - Pad, first = offset >= 0 ? 0 : (-offset + Stride - 1) / Stride;
        long last = Math.Min(Output - 1, Networks.Dim.FloorDiv(Input - 1 - offset, Stride));
        return first > last ? (0, 0) : ((int)first, (int)(last - first + 1));
    })];

    /// <summary>Where the first window's element lies.</summary>
    public long Offset(int k) => (long)k * Dilation - Pad;

    /// <summary>True when an element of a window lies in the input; <paramref name="position"/> says where.</summary>
    public bool Reads(int output, int k, out int position)
    {
        long at = (long)output * Stride + Offset(k);
        position = (int)at;
        return at >= 0 && at < Input;
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
