using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;
using Strata.Networks;

namespace Strata.Kernels.Conv;

/// <summary>
/// Sums a row of a transposed convolution's outputs. Outputs that are equal modulo the stride form a phase; to each phase, some
/// taps add runs of the input. Phases are summed apart, where runs are contiguous, and then interleaved.
/// </summary>
internal sealed unsafe class TransposedRow
{
    private readonly ConvShape shape;
    private readonly Run[] runs; // of each tap along the row
    private readonly int step, phases, pitch;

    /// <summary>The rows of the result of a transposed convolution, for vectors of <paramref name="width"/> elements.</summary>
    public TransposedRow(ConvShape shape, int width)
    {
        this.shape = shape;
        (step, phases) = (shape.Stride[2], Math.Min(shape.Stride[2], shape.Input[2]));
        pitch = shape.Input[2] / step + 1 + width;
        runs = [.. Enumerable.Range(0, shape.Kernel[2]).Select(RunOf)];
    }

    /// <summary>f32 of scratch memory that <see cref="Sum"/> needs.</summary>
    public long Floats => step == 1 ? 0 : (long)phases * pitch;

    /// <summary>Sums row <paramref name="y"/> of plane <paramref name="z"/>. <paramref name="terms"/>: <c>[taps, inputs]</c> of a channel.</summary>
    public void Sum<V>(float* terms, float start, int z, int y, float* result, float* scratch) where V : struct, ISimd<V>
    {
        float* sums = step == 1 ? result : scratch;
        new Span<float>(sums, step == 1 ? shape.Input[2] : phases * pitch).Fill(start);
        for (int kz = 0; kz < shape.Kernel[0]; kz++)
        {
            if (Source(0, z, kz) is not (>= 0 and var plane)) continue;
            for (int ky = 0; ky < shape.Kernel[1]; ky++)
            {
                if (Source(1, y, ky) is not (>= 0 and var row)) continue;
                float* line = terms + ((long)kz * shape.Kernel[1] + ky) * shape.Kernel[2] * shape.OutputSize + ((long)plane * shape.Output[1] + row) * shape.Output[2];
                foreach (var run in runs)
                {
                    Add<V>(line + run.From, sums + (long)run.Phase * pitch + run.To, run.Count);
                    line += shape.OutputSize;
                }
            }
        }
        if (step > 1) InterleavedRow.Write<V>(sums, pitch, step, result, shape.Input[2]);
    }

    private readonly record struct Run(int Phase, int From, int To, int Count);

    // The input whose tap adds to an output along an axis; −1 when there is none.
    private int Source(int axis, int output, int tap)
    {
        var (at, rest) = Math.DivRem((long)output + shape.Pad[axis] - (long)tap * shape.Dilation[axis], shape.Stride[axis]);
        return rest == 0 && at >= 0 && at < shape.Output[axis] ? (int)at : -1;
    }

    private Run RunOf(int tap)
    {
        long offset = (long)tap * shape.Dilation[2] - shape.Pad[2], shift = Dim.FloorDiv(offset, step);
        int phase = (int)(offset - shift * step);
        if (phase >= phases) return default;
        long room = (shape.Input[2] - phase - 1L) / step + 1, first = Math.Max(0, -shift), last = Math.Min(shape.Output[2], room - shift);
        return last <= first ? default : new(phase, (int)first, (int)(first + shift), (int)(last - first));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<V>(float* from, float* to, int count) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) (V.Load(to + i) + V.Load(from + i)).Store(to + i);
        if (V.Count > F128.Count)
        {
            for (; i <= count - F128.Count; i += F128.Count) (F128.Load(to + i) + F128.Load(from + i)).Store(to + i);
        }
        for (; i < count; i++) to[i] += from[i];
    }
}
