using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>
/// The patches of one group of one image as a matrix <c>[channels · taps, outputs]</c>, of which panels are made while they are
/// used. A panel is cut into runs of outputs in one row; what a run reads through a tap is the same for all channels.
/// </summary>
internal readonly unsafe struct PatchPanels(ConvShape shape, float* image, float* imagesEnd, PatchPanels.Run* runs) : IPanels
{
    /// <summary>For outputs from Target on: Lead zeros, Count elements of the channel from Source on, Trail zeros.</summary>
    internal readonly record struct Run(int Target, int Lead, int Count, int Trail, int Source);

    /// <summary>Bytes that the runs of a panel may occupy.</summary>
    public static long RunBytes(ConvShape shape, int width) => (long)sizeof(Run) * shape.Taps * (width + 1);

    /// <inheritdoc/>
    public float* Panel<V>(long k, long depth, long column, int width, float* room) where V : struct, ISimd<V>
    {
        int perTap = Cut((int)column, width);
        int tap = (int)(k % shape.Taps);
        float* channel = image + k / shape.Taps * shape.InputSize, target = room;
        int step = shape.Stride[^1];
        for (long i = 0; i < depth; i++, target += width)
        {
            for (Run* run = runs + (long)tap * perTap, end = run + perTap; run < end; run++)
            {
                // Whole vectors: what is written too much is written again by the next run, row, or not at all.
                float* to = target + run->Target;
                for (int j = 0; j < run->Lead; j += V.Count) V.Of(0).Store(to + j);
                to += run->Lead;
                if (step == 1) Copy<V>(channel + run->Source, to, run->Count);
                else
                {
                    float* from = channel + run->Source;
                    for (int j = 0; j < run->Count; j++) to[j] = from[j * step];
                }
                to += run->Count;
                for (int j = 0; j < run->Trail; j += V.Count) V.Of(0).Store(to + j);
            }
            if (++tap < shape.Taps) continue;
            tap = 0;
            channel += shape.InputSize;
        }
        return room;
    }

    private void Copy<V>(float* from, float* to, int count) where V : struct, ISimd<V>
    {
        int j = 0;
        for (; j < count && imagesEnd - from - j >= V.Count; j += V.Count) V.Load(from + j).Store(to + j);
        for (; j < count; j++) to[j] = from[j];
    }

    // Runs of all taps; returns the number of runs of each.
    private int Cut(int column, int width)
    {
        int perTap = 0, end = Math.Min(column + width, shape.OutputSize);
        for (int at = column; at < end; perTap++) at = Math.Min(end, (at / shape.Output[2] + 1) * shape.Output[2]);
        bool hasRest = end - column < width;
        if (hasRest) perTap++;
        Run* next = runs;
        for (int tap = 0; tap < shape.Taps; tap++)
        {
            int kx = tap % shape.Kernel[2], ky = tap / shape.Kernel[2] % shape.Kernel[1], kz = tap / shape.Kernel[2] / shape.Kernel[1];
            for (int at = column; at < end;)
            {
                int ox = at % shape.Output[2], row = at / shape.Output[2], length = Math.Min(end - at, shape.Output[2] - ox);
                long z = Position(0, row / shape.Output[1], kz), y = Position(1, row % shape.Output[1], ky), x = Position(2, ox, kx);
                bool isInside = z >= 0 && z < shape.Input[0] && y >= 0 && y < shape.Input[1];
                *next++ = Cut(at - column, length, x, isInside ? (z * shape.Input[1] + y) * shape.Input[2] : -1);
                at += length;
            }
            if (hasRest) *next++ = new(end - column, width - (end - column), 0, 0, 0);
        }
        return perTap;
    }

    // Outputs of one row, the first of which reads position x of the row of the input that begins at `row` (−1: there is none).
    private Run Cut(int target, int length, long x, long row)
    {
        if (row < 0) return new(target, length, 0, 0, 0);
        int step = shape.Stride[2];
        int lead = (int)Math.Min(length, x < 0 ? (step - 1 - x) / step : 0);
        long reach = shape.Input[2] - 1 - x, stop = reach < 0 ? 0 : Math.Min(length, reach / step + 1);
        int count = (int)Math.Max(0, stop - lead);
        return new(target, lead, count, length - lead - count, count == 0 ? 0 : (int)(row + x + (long)lead * step));
    }

    private long Position(int axis, int output, int tap) => (long)output * shape.Stride[axis] - shape.Pad[axis] + (long)tap * shape.Dilation[axis];
}
