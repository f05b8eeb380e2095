using Strata.Kernels;
using Strata.Kernels.Attention;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Attention against the reference evaluation.</summary>
public class AttentionKernelTests
{
    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => AttentionKernel<V>.Supports(request) ? AttentionKernel<V>.Create(request) : null;
    }

    private static readonly Random Numbers = new(7);

    // Scores are sums of a few dozen products below 1, probabilities sum to 1.
    private static void Check(Attention op, Tensor?[] inputs, int outputs = 1) =>
        KernelProbe.Check(new Maker(), op, inputs, static (_, _, expected) => 64 * KernelProbe.Unit * Math.Max(1, Math.Abs(expected)), outputs);

    private static Tensor Draw(params int[] dims) => KernelProbe.Draw(Numbers, dims);

    [Theory]
    [InlineData(1, 1, 1, 1, 1, 1, 1)]
    [InlineData(2, 3, 3, 5, 7, 4, 4)]
    [InlineData(1, 4, 2, 1, 300, 16, 24)]
    [InlineData(1, 4, 1, 3, 17, 33, 5)]
    [InlineData(2, 2, 2, 97, 257, 16, 16)]
    [InlineData(1, 2, 1, 200, 600, 20, 9)]
    [InlineData(1, 2, 2, 4, 1, 8, 8)]
    public void HeadsOfEverySize(int batch, int heads, int kvHeads, int rows, int keys, int size, int valueSize)
    {
        foreach (bool causal in (bool[])[false, true])
        {
            Check(new Attention { IsCausal = causal }, [Draw(batch, heads, rows, size), Draw(batch, kvHeads, keys, size), Draw(batch, kvHeads, keys, valueSize)]);
            Check(new Attention { IsCausal = causal, QNumHeads = heads, KvNumHeads = kvHeads, Scale = 0.7f }, [Draw(batch, rows, heads * size), Draw(batch, keys, kvHeads * size), Draw(batch, keys, kvHeads * valueSize)]);
        }
    }

    [Fact]
    public void MasksBroadcastAndMayEndEarly()
    {
        foreach (int rows in (int[])[2, 9])
        {
            Tensor q = Draw(2, 4, rows, 8), k = Draw(2, 2, 21, 8), v = Draw(2, 2, 21, 11);
            foreach (int[] dims in (int[][])[[], [1], [21], [17], [rows, 21], [rows, 1], [4, 1, 21], [2, 1, 1, 21], [1, 4, rows, 5], [2, 4, rows, 21]])
            {
                Check(new Attention(), [q, k, v, Draw(dims)]);
                Check(new Attention { Softcap = 1.5f, IsCausal = true }, [q, k, v, Flags(dims)]);
                Check(new Attention(), [q, k, v, Lowered(dims)]);
            }
        }

        static Tensor Flags(int[] dims) => Tensor.FromInt64s(ElementType.Bool, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => (long)Numbers.Next(2))]);
        static Tensor Lowered(int[] dims) => Tensor.From<float>(dims, Array.ConvertAll(Draw(dims).Span<float>().ToArray(), x => x > 0.5f ? float.NegativeInfinity : x));
    }

    [Fact]
    public void PastAndPresentJoin()
    {
        foreach (int rows in (int[])[1, 6, 100])
        {
            Tensor past = Draw(2, 2, 13, 8), pastValues = Draw(2, 2, 13, 4);
            foreach (int outputs in (int[])[1, 3])
            {
                Check(new Attention { IsCausal = true }, [Draw(2, 4, rows, 8), Draw(2, 2, rows, 8), Draw(2, 2, rows, 4), null, past, pastValues], outputs);
                Check(new Attention { QNumHeads = 4, KvNumHeads = 2, LeftWindowSize = 3, RightWindowSize = 1 }, [Draw(2, rows, 32), Draw(2, rows, 16), Draw(2, rows, 8), Draw(rows, 13 + rows), past, pastValues], outputs);
            }
            Check(new Attention(), [Draw(2, 4, rows, 8), Draw(2, 2, 0, 8), Draw(2, 2, 0, 4), null, past, pastValues], outputs: 3);
            Check(new Attention { IsCausal = true }, [Draw(2, 4, rows, 8), Draw(2, 2, 30, 8), Draw(2, 2, 30, 4), null, null, null, Tensor.Vector(30L, 7L)], outputs: 3);
        }
    }

    [Fact]
    public void ScoresShowEveryStage()
    {
        foreach (var mode in Enum.GetValues<AttentionScores>())
        {
            foreach (int rows in (int[])[2, 101])
                Check(new Attention { QkMatmulOutputMode = mode, IsCausal = true, Softcap = 0.5f }, [Draw(1, 4, rows, 8), Draw(1, 2, 300, 8), Draw(1, 2, 300, 3), Draw(rows, 300)], outputs: 4);
        }
    }

    [Fact]
    public void StretchedProbabilitiesAreClipped()
    {
        foreach (int rows in (int[])[0, 1, 2, 9, 101])
        {
            foreach (int keys in (int[])[0, 1, 7, 300])
            {
                var op = new Attention { Stretch = [-3.2f / Math.Max(1, keys), 1.03f], IsCausal = rows % 2 == 1 };
                Tensor q = Draw(2, 4, rows, 8), k = Draw(2, 2, keys, 8), v = Draw(2, 2, keys, 5);
                Check(op, [q, k, v]);
                Check(op, [q, k, v, Draw(rows, keys)]);
                foreach (var mode in Enum.GetValues<AttentionScores>()) Check(op with { QkMatmulOutputMode = mode }, [q, k, v], outputs: 4);
                Check(op, [q, k, v, Tensor.Zeros(ElementType.Bool, rows, keys)]);
            }
        }
        float[] strange = Draw(1, 2, 20, 8).Span<float>().ToArray();
        (strange[3], strange[16]) = (float.NaN, float.PositiveInfinity);
        Check(new Attention { Stretch = [-0.1f, 1.1f] }, [Tensor.From<float>([1, 2, 20, 8], strange), Draw(1, 2, 19, 8), Draw(1, 2, 19, 8)]);
    }

    [Fact]
    public void NothingToAttendToGivesZeros()
    {
        Check(new Attention(), [Draw(2, 2, 5, 4), Draw(2, 2, 0, 4), Draw(2, 2, 0, 4)]);
        Check(new Attention(), [Draw(2, 2, 0, 4), Draw(2, 2, 5, 4), Draw(2, 2, 5, 4)]);
        Check(new Attention(), [Draw(0, 2, 3, 4), Draw(0, 2, 5, 4), Draw(0, 2, 5, 4)], outputs: 3);
        Check(new Attention(), [Draw(1, 2, 7, 4), Draw(1, 2, 5, 4), Draw(1, 2, 5, 4), Tensor.Zeros(ElementType.Bool, 7, 5)], outputs: 3);
    }

    [Fact]
    public void NaNAndInfinityStayInTheirRows()
    {
        foreach (int rows in (int[])[3, 20])
        {
            float[] q = Draw(1, 2, rows, 8).Span<float>().ToArray();
            (q[3], q[16], q[8]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
            Check(new Attention(), [Tensor.From<float>([1, 2, rows, 8], q), Draw(1, 2, 19, 8), Draw(1, 2, 19, 8)]);
        }
    }
}
