using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Normalization;

/// <summary>Sums over long rows of f32: blocks in f32, their totals in binary64, so that the error does not grow with the row.</summary>
internal static unsafe class RowSums<V> where V : struct, ISimd<V>
{
    /// <summary>Elements of a block.</summary>
    public const int Block = 512;

    /// <summary>Σ x.</summary>
    public static double Sum(float* x, int count)
    {
        double total = 0;
        for (int i = 0; i < count; i += Block) total += BlockSum(x + i, Math.Min(Block, count - i));
        return total;
    }

    /// <summary>Σ (x − center)².</summary>
    public static double Squares(float* x, int count, float center)
    {
        double total = 0;
        for (int i = 0; i < count; i += Block) total += BlockSquares(x + i, Math.Min(Block, count - i), center);
        return total;
    }

    private static float BlockSum(float* x, int count)
    {
        V total = V.Of(0);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) total += V.Load(x + i);
        float sum = total.Sum();
        for (; i < count; i++) sum += x[i];
        return sum;
    }

    private static float BlockSquares(float* x, int count, float center)
    {
        V total = V.Of(0), c = V.Of(center);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V d = V.Load(x + i) - c;
            total = V.Fma(d, d, total);
        }
        float sum = total.Sum();
        for (; i < count; i++) sum += (x[i] - center) * (x[i] - center);
        return sum;
    }
}
