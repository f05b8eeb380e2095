using System.Runtime.CompilerServices;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>
/// Sums of one filter over one channel, four rows of outputs at a time, so that a row of the input is read once for all outputs that lie
/// in its column: filters of three rows of stride 1 or 2, and of five of stride 1, whatever their columns are.
/// </summary>
internal static unsafe class ColumnSums<V> where V : struct, ISimd<V>
{
    /// <summary>Rows of outputs that are summed together.</summary>
    public const int Rows = 4;

    /// <summary>
    /// What is read: for each column of the filter where the first output's row begins, from <paramref name="source"/> on; rows of the input
    /// are <paramref name="pitch"/> apart, those of odd number, where the stride is 2, <paramref name="odd"/> further.
    /// </summary>
    public readonly struct Input(float* source, int* columns, int count, long pitch, long odd)
    {
        public float* Source => source;
        public int* Columns => columns;
        public int Count => count;
        public long Pitch => pitch;
        public long Odd => odd;
    }

    /// <summary>True when there is a method for a filter's rows.</summary>
    public static bool Takes(int filterRows, int stride, int dilation) => dilation == 1 && (filterRows == 3 && stride is 1 or 2 || filterRows == 5 && stride == 1);

    /// <summary>
    /// The sums of at least four rows and one vector of columns, clamped, to rows <paramref name="pitch"/> apart. <paramref name="constants"/>: what sums start from,
    /// their least and their greatest value. Writes nothing else: the last of what it takes at a time may be done again.
    /// </summary>
    public static void Run(in Input input, float* weights, int filterRows, int stride, float* constants, float* target, long pitch, int rows, int columns)
    {
        for (int r = 0; r < rows; r += Rows)
        {
            int row = Math.Min(r, rows - Rows);
            long from = row * input.Pitch;
            float* to = target + row * pitch;
            for (int x = 0; x < columns;)
            {
                if (columns - x > V.Count && columns >= 2 * V.Count)
                {
                    int column = Math.Min(x, columns - 2 * V.Count);
                    Block<N2>(input, weights, filterRows, stride, constants, from + column, to + column, pitch);
                    x += 2 * V.Count;
                }
                else
                {
                    int column = Math.Min(x, columns - V.Count);
                    Block<N1>(input, weights, filterRows, stride, constants, from + column, to + column, pitch);
                    x += V.Count;
                }
            }
        }
    }

    private static void Block<TVectors>(in Input input, float* weights, int filterRows, int stride, float* constants, long from, float* to, long pitch) where TVectors : INumber
    {
        if (filterRows == 5) Five<TVectors>(input, weights, constants, from, to, pitch);
        else if (stride == 1) Three<TVectors>(input, weights, constants, from, to, pitch);
        else ThreeBySecond<TVectors>(input, weights, constants, from, to, pitch);
    }

    private static void Three<TVectors>(in Input input, float* weights, float* constants, long from, float* to, long pitch) where TVectors : INumber
    {
        V a0 = V.Of(constants[0]), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        int count = input.Count;
        long step = input.Pitch;
        int* columns = input.Columns;
        float* source = input.Source + from;
        for (int i = 0; i < count; i++)
        {
            float* x = source + columns[i];
            V w0 = V.Of(weights[i]), w1 = V.Of(weights[count + i]), w2 = V.Of(weights[2 * count + i]), u = V.Load(x), v = TVectors.Value > 1 ? V.Load(x + V.Count) : default;
            a0 = V.Fma(w0, u, a0);
            if (TVectors.Value > 1) b0 = V.Fma(w0, v, b0);
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w1, u, a0);
            a1 = V.Fma(w0, u, a1);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w1, v, b0);
                b1 = V.Fma(w0, v, b1);
            }
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w2, u, a0);
            a1 = V.Fma(w1, u, a1);
            a2 = V.Fma(w0, u, a2);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w2, v, b0);
                b1 = V.Fma(w1, v, b1);
                b2 = V.Fma(w0, v, b2);
            }
            x += step;
            u = V.Load(x);
            a1 = V.Fma(w2, u, a1);
            a2 = V.Fma(w1, u, a2);
            a3 = V.Fma(w0, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b1 = V.Fma(w2, v, b1);
                b2 = V.Fma(w1, v, b2);
                b3 = V.Fma(w0, v, b3);
            }
            x += step;
            u = V.Load(x);
            a2 = V.Fma(w2, u, a2);
            a3 = V.Fma(w1, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b2 = V.Fma(w2, v, b2);
                b3 = V.Fma(w1, v, b3);
            }
            x += step;
            a3 = V.Fma(w2, V.Load(x), a3);
            if (TVectors.Value > 1) b3 = V.Fma(w2, V.Load(x + V.Count), b3);
        }
        Store<TVectors>(constants, to, pitch, a0, a1, a2, a3, b0, b1, b2, b3);
    }

    // Rows of even number are read through the first and the last row of the filter.
    private static void ThreeBySecond<TVectors>(in Input input, float* weights, float* constants, long from, float* to, long pitch) where TVectors : INumber
    {
        V a0 = V.Of(constants[0]), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        int count = input.Count;
        long step = input.Pitch, odd = input.Odd;
        int* columns = input.Columns;
        float* source = input.Source + from;
        for (int i = 0; i < count; i++)
        {
            float* x = source + columns[i], y = x + odd;
            V w0 = V.Of(weights[i]), w1 = V.Of(weights[count + i]), w2 = V.Of(weights[2 * count + i]), u = V.Load(x);
            a0 = V.Fma(w1, V.Load(y), V.Fma(w0, u, a0));
            if (TVectors.Value > 1) b0 = V.Fma(w1, V.Load(y + V.Count), V.Fma(w0, V.Load(x + V.Count), b0));
            x += step;
            y += step;
            u = V.Load(x);
            a0 = V.Fma(w2, u, a0);
            a1 = V.Fma(w1, V.Load(y), V.Fma(w0, u, a1));
            if (TVectors.Value > 1)
            {
                u = V.Load(x + V.Count);
                b0 = V.Fma(w2, u, b0);
                b1 = V.Fma(w1, V.Load(y + V.Count), V.Fma(w0, u, b1));
            }
            x += step;
            y += step;
            u = V.Load(x);
            a1 = V.Fma(w2, u, a1);
            a2 = V.Fma(w1, V.Load(y), V.Fma(w0, u, a2));
            if (TVectors.Value > 1)
            {
                u = V.Load(x + V.Count);
                b1 = V.Fma(w2, u, b1);
                b2 = V.Fma(w1, V.Load(y + V.Count), V.Fma(w0, u, b2));
            }
            x += step;
            y += step;
            u = V.Load(x);
            a2 = V.Fma(w2, u, a2);
            a3 = V.Fma(w1, V.Load(y), V.Fma(w0, u, a3));
            if (TVectors.Value > 1)
            {
                u = V.Load(x + V.Count);
                b2 = V.Fma(w2, u, b2);
                b3 = V.Fma(w1, V.Load(y + V.Count), V.Fma(w0, u, b3));
            }
            x += step;
            a3 = V.Fma(w2, V.Load(x), a3);
            if (TVectors.Value > 1) b3 = V.Fma(w2, V.Load(x + V.Count), b3);
        }
        Store<TVectors>(constants, to, pitch, a0, a1, a2, a3, b0, b1, b2, b3);
    }

    private static void Five<TVectors>(in Input input, float* weights, float* constants, long from, float* to, long pitch) where TVectors : INumber
    {
        V a0 = V.Of(constants[0]), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        int count = input.Count;
        long step = input.Pitch;
        int* columns = input.Columns;
        float* source = input.Source + from;
        for (int i = 0; i < count; i++)
        {
            float* x = source + columns[i];
            V w0 = V.Of(weights[i]), w1 = V.Of(weights[count + i]), w2 = V.Of(weights[2 * count + i]), w3 = V.Of(weights[3 * count + i]), w4 = V.Of(weights[4 * count + i]);
            V u = V.Load(x), v = TVectors.Value > 1 ? V.Load(x + V.Count) : default;
            a0 = V.Fma(w0, u, a0);
            if (TVectors.Value > 1) b0 = V.Fma(w0, v, b0);
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w1, u, a0);
            a1 = V.Fma(w0, u, a1);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w1, v, b0);
                b1 = V.Fma(w0, v, b1);
            }
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w2, u, a0);
            a1 = V.Fma(w1, u, a1);
            a2 = V.Fma(w0, u, a2);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w2, v, b0);
                b1 = V.Fma(w1, v, b1);
                b2 = V.Fma(w0, v, b2);
            }
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w3, u, a0);
            a1 = V.Fma(w2, u, a1);
            a2 = V.Fma(w1, u, a2);
            a3 = V.Fma(w0, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w3, v, b0);
                b1 = V.Fma(w2, v, b1);
                b2 = V.Fma(w1, v, b2);
                b3 = V.Fma(w0, v, b3);
            }
            x += step;
            u = V.Load(x);
            a0 = V.Fma(w4, u, a0);
            a1 = V.Fma(w3, u, a1);
            a2 = V.Fma(w2, u, a2);
            a3 = V.Fma(w1, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b0 = V.Fma(w4, v, b0);
                b1 = V.Fma(w3, v, b1);
                b2 = V.Fma(w2, v, b2);
                b3 = V.Fma(w1, v, b3);
            }
            x += step;
            u = V.Load(x);
            a1 = V.Fma(w4, u, a1);
            a2 = V.Fma(w3, u, a2);
            a3 = V.Fma(w2, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b1 = V.Fma(w4, v, b1);
                b2 = V.Fma(w3, v, b2);
                b3 = V.Fma(w2, v, b3);
            }
            x += step;
            u = V.Load(x);
            a2 = V.Fma(w4, u, a2);
            a3 = V.Fma(w3, u, a3);
            if (TVectors.Value > 1)
            {
                v = V.Load(x + V.Count);
                b2 = V.Fma(w4, v, b2);
                b3 = V.Fma(w3, v, b3);
            }
            x += step;
            a3 = V.Fma(w4, V.Load(x), a3);
            if (TVectors.Value > 1) b3 = V.Fma(w4, V.Load(x + V.Count), b3);
        }
        Store<TVectors>(constants, to, pitch, a0, a1, a2, a3, b0, b1, b2, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(float* constants, float* to, long pitch, V a0, V a1, V a2, V a3, V b0, V b1, V b2, V b3) where TVectors : INumber
    {
        V low = V.Of(constants[1]), high = V.Of(constants[2]);
        V.Max(low, V.Min(high, a0)).Store(to);
        V.Max(low, V.Min(high, a1)).Store(to + pitch);
        V.Max(low, V.Min(high, a2)).Store(to + 2 * pitch);
        V.Max(low, V.Min(high, a3)).Store(to + 3 * pitch);
        if (TVectors.Value < 2) return;
        to += V.Count;
        V.Max(low, V.Min(high, b0)).Store(to);
        V.Max(low, V.Min(high, b1)).Store(to + pitch);
        V.Max(low, V.Min(high, b2)).Store(to + 2 * pitch);
        V.Max(low, V.Min(high, b3)).Store(to + 3 * pitch);
    }

    private readonly struct N1 : INumber { public static int Value => 1; }
    private readonly struct N2 : INumber { public static int Value => 2; }
}
