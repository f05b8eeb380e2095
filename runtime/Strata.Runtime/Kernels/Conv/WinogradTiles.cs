using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>
/// The 4 × 4 tiles of the outputs of an image and group, numbered row by row, and the blocks of them that are computed at a
/// time, with the places of a block's numbers in scratch memory (f32).
/// </summary>
internal sealed class WinogradTiles
{
    // f32 of a block's transformed input, and of its sums, that stay in the second cache; f32 between matrices, lest they all lie in the same sets of a cache.
    private const int NearInput = 72 * 1024, NearSums = 8 * 1024, Gap = 16;

    private WinogradTiles(ConvShape shape, int width, RowTiling rows)
    {
        (Across, Down) = (Count(shape.Output[2]), Count(shape.Output[1]));
        Tiles = checked(Across * Down);
        int most = Math.Max(1, NearInput / (WinogradTransform.Products * Math.Max(1, shape.Channels)) / width) * width;
        Blocks = (Tiles + most - 1) / most;
        int each = (Tiles + Blocks - 1) / Blocks;
        Block = Blocks == 1 ? (int)Math.Min(Tiles, int.MaxValue) : (each + width - 1) / width * width;
        Blocks = (Tiles + Block - 1) / Block;
        int vectors = (Block + width / 2 - 1) / (width / 2);
        Padded = vectors * (width / 2);
        RowTiles = (int)Math.Clamp(NearSums / ((long)WinogradTransform.Products * Padded * Math.Max(1, rows.Main)), 1, Math.Max(1, rows.Tiles));
        BandRows = WinogradTransform.Outputs * Math.Min(Down, (Block - 1) / Across + 2) + 2;
        BandPitch = WinogradTransform.Outputs * Across + 2 + width;
        LinePitch = WinogradTransform.Outputs * Padded + WinogradTransform.Outputs + 2 * width;
        Matrix = (long)shape.Channels * Padded + Gap;
        SumRows = Math.Min(RowTiles * Math.Max(rows.Main, rows.Tail), rows.PaddedRows);
    }

    public int Across { get; }
    public int Down { get; }
    public int Tiles { get; }
    public int Blocks { get; }

    /// <summary>Tiles of a block; the last may have fewer.</summary>
    public int Block { get; }

    /// <summary>The same, with the rest of the last vector.</summary>
    public int Padded { get; }

    /// <summary>Tiles of rows of the products whose sums are kept at a time.</summary>
    public int RowTiles { get; }

    /// <summary>Rows of sums that are kept.</summary>
    public int SumRows { get; }

    /// <summary>Rows of a channel's part that a block may need.</summary>
    public int BandRows { get; }

    /// <summary>From one of these rows to the next.</summary>
    public long BandPitch { get; }

    /// <summary>From one transformed line of a block's tiles to the next.</summary>
    public long LinePitch { get; }

    /// <summary>From one of the 36 matrices <c>[channels, tiles]</c> to the next.</summary>
    public long Matrix { get; }

    /// <summary>f32 of the band and the transformed lines, which are dead when the lines of outputs are written.</summary>
    public long Lines => BandRows * BandPitch + 2 * WinogradTransform.Inputs * LinePitch;

    /// <summary>The tiles of a convolution by 3 × 3 filters, stride 1 and dilation 1, with outputs; null for others.</summary>
    public static WinogradTiles? Of<V>(ConvShape shape) where V : struct, ISimd<V>
    {
        bool fits = shape.Kernel is [1, 3, 3] && shape.Stride is [1, 1, 1] && shape.Dilation is [_, 1, 1] && shape is { Channels: > 0, Filters: > 0, OutputSize: > 0 }
            && shape.Input[0] == 1 && shape.Output[0] == 1 && shape.Pad[0] == 0;
        return fits ? new(shape, GemmTiles<V>.Width, RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts)) : null;
    }

    private static int Count(int outputs) => (outputs + WinogradTransform.Outputs - 1) / WinogradTransform.Outputs;
}
