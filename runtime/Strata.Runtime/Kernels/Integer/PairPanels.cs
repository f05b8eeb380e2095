using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Integer;

/// <summary>Where the columns of an integer product come from.</summary>
internal unsafe interface IPairPanels
{
    /// <summary>The panel <c>[pairs, 2 · V.Count]</c> of the pairs from <paramref name="first"/> on of the columns from <paramref name="column"/> on; it may be made in <paramref name="room"/>.</summary>
    float* Panel<V>(long first, long pairs, long column, float* room) where V : struct, ISimd<V>;
}

/// <summary>Columns that were packed as a whole: panels <c>[pairs, 2 · V.Count]</c> one after the other.</summary>
internal readonly unsafe struct PackedPairs(float* packed, long k) : IPairPanels
{
    /// <summary>Elements of all panels.</summary>
    public static long Size<V>(long k, long columns) where V : struct, ISimd<V> => PairPacking.Pairs(k) * ((columns + 2 * V.Count - 1) / (2 * V.Count) * (2 * V.Count));

    /// <summary>Packs columns as a whole.</summary>
    public static void Pack<V>(Codes source, long k, long columns, float* target) where V : struct, ISimd<V>
    {
        for (long j = 0; j < columns; j += 2 * V.Count) PairPacking.Panel<V>(source.At(source.Address + j, j), columns, k, (int)Math.Min(2 * V.Count, columns - j), target + j * PairPacking.Pairs(k));
    }

    /// <inheritdoc/>
    public float* Panel<V>(long first, long pairs, long column, float* room) where V : struct, ISimd<V> => packed + column * PairPacking.Pairs(k) + first * 2 * V.Count;
}

/// <summary>Columns of a dense matrix of codes <c>[k, columns]</c> that is packed while it is used.</summary>
internal readonly unsafe struct CodePairs(Codes source, long k, long columns) : IPairPanels
{
    /// <inheritdoc/>
    public float* Panel<V>(long first, long pairs, long column, float* room) where V : struct, ISimd<V>
    {
        PairPacking.Panel<V>(source.At(source.Address + 2 * first * columns + column, column), columns, Math.Min(2 * pairs, k - 2 * first), (int)Math.Min(2 * V.Count, columns - column), room);
        return room;
    }
}

/// <summary>Columns of i32 that other panels give.</summary>
internal readonly unsafe struct JoinedPairs<TPanels>(TPanels panels, long k) : IPairPanels where TPanels : struct, IPanels
{
    /// <inheritdoc/>
    public float* Panel<V>(long first, long pairs, long column, float* room) where V : struct, ISimd<V>
    {
        long depth = Math.Min(2 * pairs, k - 2 * first);
        float* rows = panels.Panel<V>(2 * first, depth, column, 2 * V.Count, room);
        PairPacking.Join<V>(rows, depth, 2 * V.Count);
        return rows;
    }
}
