using System.Numerics;

namespace Strata.Operators.Reference;

/// <summary>
/// Row-major matrix products. Each element sums its terms from first to last with separate multiplication and addition, so
/// that results depend neither on vector width nor on the number of threads.
/// </summary>
internal static class MatrixProduct
{
    private const int RowsPerBlock = 8;
    private const long ParallelWork = 1 << 20;

    /// <summary>Adds a <c>[m, k]</c> · b <c>[k, n]</c> to c <c>[m, n]</c>; each matrix starts at its offset.</summary>
    public static void Accumulate<T>(ReferenceContext context, T[] a, int aAt, T[] b, int bAt, T[] c, int cAt, int m, int k, int n) where T : struct, INumberBase<T>
    {
        int blocks = (m + RowsPerBlock - 1) / RowsPerBlock;
        if ((long)m * k * n < ParallelWork || blocks == 1)
        {
            for (int block = 0; block < blocks; block++) Block(block);
        }
        else context.ForEach(blocks, Block);

        // A row of b serves all rows of the block while it is in the nearest cache.
        void Block(int block)
        {
            int first = block * RowsPerBlock, last = Math.Min(first + RowsPerBlock, m);
            for (int p = 0; p < k; p++)
            {
                context.Observe();
                var row = b.AsSpan(bAt + p * n, n);
                for (int i = first; i < last; i++) AddScaled(a[aAt + i * k + p], row, c.AsSpan(cAt + i * n, n));
            }
        }
    }

    /// <summary>The transpose of a <c>[rows, columns]</c> that starts at an offset.</summary>
    public static T[] Transpose<T>(T[] source, int at, int rows, int columns)
    {
        var result = new T[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) result[j * rows + i] = source[at + i * columns + j];
        }
        return result;
    }

    private static void AddScaled<T>(T factor, ReadOnlySpan<T> source, Span<T> target) where T : struct, INumberBase<T>
    {
        int i = 0;
        var factors = new Vector<T>(factor);
        for (; i <= source.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            (new Vector<T>(target[i..]) + factors * new Vector<T>(source[i..])).CopyTo(target[i..]);
        }
        for (; i < source.Length; i++) target[i] += factor * source[i];
    }
}
