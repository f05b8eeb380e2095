using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Moves the channel axis between second and last place.</summary>
internal static class ChannelOrder
{
    /// <summary><c>[N, spatial…, C]</c> to <c>[N, C, spatial…]</c>.</summary>
    public static Tensor ToFirst(Tensor x)
    {
        int channels = x.Dims[^1], size = Tensor.CountOf(x.Dims.AsSpan()[1..^1]);
        return Swap(x, [x.Dims[0], channels, .. x.Dims[1..^1]], size, channels);
    }

    /// <summary><c>[N, C, spatial…]</c> to <c>[N, spatial…, C]</c>.</summary>
    public static Tensor ToLast(Tensor x)
    {
        int channels = x.Dims[1], size = Tensor.CountOf(x.Dims.AsSpan()[2..]);
        return Swap(x, [x.Dims[0], .. x.Dims[2..], channels], channels, size);
    }

    // Transposes each sample from rows × columns to columns × rows.
    private static Tensor Swap(Tensor x, int[] dims, int rows, int columns)
    {
        var positions = new int[x.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            int sample = i / (rows * columns), within = i % (rows * columns);
            positions[i] = sample * rows * columns + within % rows * columns + within / rows;
        }
        return Slabs.Gather(x, dims, positions);
    }
}
