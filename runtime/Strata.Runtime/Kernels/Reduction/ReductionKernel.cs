using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Reduction;

/// <summary>How f32 elements are combined: each is mapped, then combined with what came before; the total is finished at the end.</summary>
internal interface IReducer
{
    /// <summary>What nothing combines to.</summary>
    static abstract float Start { get; }

    /// <summary>The total after an element; inlined.</summary>
    static abstract V Step<V>(V total, V x) where V : struct, ISimd<V>;

    /// <summary>Two totals as one; inlined.</summary>
    static abstract V Join<V>(V a, V b) where V : struct, ISimd<V>;

    /// <summary>The result from the total of so many elements.</summary>
    static abstract float Finish(float total, int count);
}

/// <summary>
/// Reduces data <c>[outer, reduced, inner]</c> to <c>[outer, inner]</c>. Totals are kept per vector element and joined in a
/// fixed order, so that results do not depend on threads.
/// </summary>
internal sealed unsafe class ReductionKernel<TOp, V>(int outer, int reduced, int inner, int output) : IKernel where TOp : IReducer where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 15;

    private readonly int step = (int)Math.Clamp(PartElements / Math.Max(1, (long)reduced * inner), 1, Math.Max(outer, 1)); // outer indices of a part

    public int Parts(int phase) => Math.Max(1, (outer + step - 1) / step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        int last = (int)Math.Min(outer, (part + 1L) * step);
        for (int o = part * step; o < last; o++)
        {
            float* data = buffers.F32(0) + (long)o * reduced * inner, results = buffers.F32(output) + (long)o * inner;
            if (inner == 1) *results = TOp.Finish(Row(data, reduced), reduced);
            else Columns(data, reduced, inner, results);
        }
    }

    private static float Row(float* data, int count)
    {
        V a = V.Of(TOp.Start), b = a, c = a, d = a;
        int i = 0;
        for (; i <= count - 4 * V.Count; i += 4 * V.Count)
        {
            a = TOp.Step(a, V.Load(data + i));
            b = TOp.Step(b, V.Load(data + i + V.Count));
            c = TOp.Step(c, V.Load(data + i + 2 * V.Count));
            d = TOp.Step(d, V.Load(data + i + 3 * V.Count));
        }
        for (; i <= count - V.Count; i += V.Count) a = TOp.Step(a, V.Load(data + i));
        float* lanes = stackalloc float[V.Count];
        TOp.Join(TOp.Join(a, b), TOp.Join(c, d)).Store(lanes);
        F32 total = F32.Of(TOp.Start);
        for (; i < count; i++) total = TOp.Step(total, F32.Of(data[i]));
        for (int k = 0; k < V.Count; k++) total = TOp.Join(total, F32.Of(lanes[k]));
        return total.Sum();
    }

    private static void Columns(float* data, int rows, int columns, float* results)
    {
        int c = 0;
        for (; c <= columns - V.Count; c += V.Count)
        {
            V total = V.Of(TOp.Start);
            float* x = data + c;
            for (int r = 0; r < rows; r++, x += columns) total = TOp.Step(total, V.Load(x));
            total.Store(results + c);
        }
        for (; c < columns; c++)
        {
            F32 total = F32.Of(TOp.Start);
            float* x = data + c;
            for (int r = 0; r < rows; r++, x += columns) total = TOp.Step(total, F32.Of(*x));
            results[c] = total.Sum();
        }
        for (c = 0; c < columns; c++) results[c] = TOp.Finish(results[c], rows);
    }
}
