using Strata.Kernels.Simd;

namespace Strata.Kernels.MatMul;

/// <summary>Where the columns of the right operand come from.</summary>
internal unsafe interface IPanels
{
    /// <summary>
    /// The panel <c>[depth, width]</c> of the elements from <paramref name="k"/> on of the <paramref name="width"/> columns from
    /// <paramref name="column"/> on; it may be packed into <paramref name="room"/>, which has one vector more than that.
    /// </summary>
    float* Panel<V>(long k, long depth, long column, int width, float* room) where V : struct, ISimd<V>;
}

/// <summary>Columns that were packed as a whole: panels <c>[k, width]</c> one after the other.</summary>
internal readonly unsafe struct PackedPanels(float* packed, long k) : IPanels
{
    /// <inheritdoc/>
    public float* Panel<V>(long from, long depth, long column, int width, float* room) where V : struct, ISimd<V> => packed + column * k + from * width;
}

/// <summary>Columns of a matrix that is packed while it is used.</summary>
internal readonly unsafe struct StridedPanels(float* source, long kStride, long columnStride, long columns) : IPanels
{
    /// <inheritdoc/>
    public float* Panel<V>(long from, long depth, long column, int width, float* room) where V : struct, ISimd<V>
    {
        GemmPacking.Panel<V>(source + from * kStride + column * columnStride, kStride, columnStride, depth, (int)Math.Min(width, columns - column), width, room);
        return room;
    }
}
