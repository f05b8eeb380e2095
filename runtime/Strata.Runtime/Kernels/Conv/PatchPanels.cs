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
        for (long i = 0; i < depth; i++, target += width)
        {
            for (Run* run = runs + (long)tap * perTap, end = run + perTap; run < end; run++)
            {
                InputRow.Write<V>(channel + run->Source, shape.Stride[2], run->Lead, run->Count, run->Trail, target + run->Target, imagesEnd);
            }
            if (++tap < shape.Taps) continue;
            tap = 0;
            channel += shape.InputSize;
        }
        return room;
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
        var (lead, count) = InputRow.Inside(x, step, length, shape.Input[2]);
        return new(target, lead, count, length - lead - count, count == 0 ? 0 : (int)(row + x + (long)lead * step));
    }

    private long Position(int axis, int output, int tap) => (long)output * shape.Stride[axis] - shape.Pad[axis] + (long)tap * shape.Dilation[axis];
}
