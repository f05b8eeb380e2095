using Strata.Kernels;
using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Operators;

namespace Strata.Tests.Kernels;

/// <summary>Matrix products against the reference evaluation.</summary>
public class MatMulKernelTests
{
    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => MatMulKernel<V>.Supports(request) ? MatMulKernel<V>.Create(request) : null;
    }

    private static void Check(Operator op, int k, params Tensor?[] inputs)
    {
        var bound = KernelProbe.SumBound(op is Gemm gemm ? gemm with { Alpha = Math.Abs(gemm.Alpha), Beta = Math.Abs(gemm.Beta) } : op, inputs, k);
        KernelProbe.Check(new Maker(), op, inputs, bound);
        KernelProbe.Check(new Maker(), op, inputs, bound, constants: [false, true, true]);
    }

    [Fact]
    public void EveryNumberOfRowsAndColumns()
    {
        var random = new Random(1);
        for (int m = 1; m <= 30; m++)
        {
            int n = 1 + (m * 7) % 67, k = 1 + (m * 11) % 37;
            Check(new MatMul(), k, KernelProbe.Draw(random, m, k), KernelProbe.Draw(random, k, n));
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 700, 130)]
    [InlineData(2, 333, 65)]
    [InlineData(3, 5000, 33)]
    [InlineData(16, 64, 256)]
    [InlineData(29, 321, 32)]
    [InlineData(100, 641, 100)]
    [InlineData(600, 100, 40)]
    [InlineData(1, 9000, 17)]
    public void LongSumsAndManyParts(int m, int k, int n)
    {
        var random = new Random(m * 31 + k);
        Check(new MatMul(), k, KernelProbe.Draw(random, m, k), KernelProbe.Draw(random, k, n));
    }

    [Fact]
    public void BatchesBroadcastAndVectorsAreMatrices()
    {
        var random = new Random(2);
        (int[] A, int[] B)[] shapes =
        [
            ([2, 3, 4, 5], [2, 3, 5, 6]), ([3, 4, 5], [5, 6]), ([4, 5], [3, 5, 6]), ([2, 1, 4, 5], [3, 5, 6]), ([2, 1, 1, 5], [1, 7, 5, 33]),
            ([5], [5]), ([5], [5, 6]), ([4, 5], [5]), ([2, 4, 5], [5]), ([5], [2, 5, 6]), ([40, 3, 17], [40, 17, 20]), ([1, 4, 5], [1, 1, 5, 6]),
        ];
        foreach (var (a, b) in shapes) Check(new MatMul(), 5, KernelProbe.Draw(random, a), KernelProbe.Draw(random, b));
    }

    [Fact]
    public void NothingTimesSomethingIsZero()
    {
        var random = new Random(3);
        (int[] A, int[] B)[] shapes = [([4, 0], [0, 6]), ([0, 5], [5, 6]), ([4, 5], [5, 0]), ([0, 4, 5], [5, 6]), ([0, 4, 5], [0, 5, 6]), ([3, 0, 5], [3, 5, 6]), ([0], [0])];
        foreach (var (a, b) in shapes) Check(new MatMul(), 1, KernelProbe.Draw(random, a), KernelProbe.Draw(random, b));
    }

    [Fact]
    public void GemmTransposesScalesAndAdds()
    {
        var random = new Random(4);
        int[][] addends = [[], [1], [21], [19, 1], [1, 21], [19, 21]];
        foreach (bool transA in (bool[])[false, true])
        {
            foreach (bool transB in (bool[])[false, true])
            {
                foreach (int[] c in addends)
                {
                    Tensor a = KernelProbe.Draw(random, transA ? [35, 19] : [19, 35]), b = KernelProbe.Draw(random, transB ? [21, 35] : [35, 21]);
                    Check(new Gemm { TransA = transA, TransB = transB, Alpha = -1.5f, Beta = 0.75f }, 36, a, b, KernelProbe.Draw(random, c));
                    Check(new Gemm { TransA = transA, TransB = transB }, 36, a, b, KernelProbe.Draw(random, c));
                    Check(new Gemm { TransA = transA, TransB = transB }, 36, a, b);
                }
            }
        }
    }

    [Fact]
    public void NaNAndInfinityReachTheirRowsAndColumnsOnly()
    {
        var random = new Random(5);
        float[] a = KernelProbe.Draw(random, 17, 33).Span<float>().ToArray(), b = KernelProbe.Draw(random, 33, 35).Span<float>().ToArray();
        (a[3 * 33 + 4], a[16 * 33 + 32], b[5 * 35 + 34], b[32 * 35]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.NaN);
        KernelProbe.Check(new Maker(), new MatMul(), [Tensor.From<float>([17, 33], a), Tensor.From<float>([33, 35], b)], static (_, _, _) => 35 * KernelProbe.Unit * 33);
    }

    [Fact]
    public void EpilogueSeesEveryResultOnceAfterItsClamp()
    {
        var random = new Random(6);
        foreach (var (m, k, n) in ((int, int, int)[])[(5, 40, 37), (70, 700, 100), (1, 20, 300), (3, 0, 5)])
        {
            Tensor a = KernelProbe.Draw(random, m, k), b = KernelProbe.Draw(random, k, n);
            var plain = Evaluation.Run(new MatMul(), a, b).Span<float>().ToArray();
            var bound = KernelProbe.SumBound(new MatMul(), [a, b], k + 2);
            var request = KernelProbe.Request(new MatMul(), [a, b], [Tensor.Zeros(ElementType.Float32, m, n)], [false, true], new Epilogue([new ClampStep(), new PositionStep()]));
            var result = KernelProbe.Run(MatMulKernel<F32>.Create(request), request, [a, b], reversed: false)[0].Span<float>().ToArray();
            for (int i = 0; i < plain.Length; i++) Assert.True(Math.Abs(Math.Clamp(plain[i], -0.5f, 0.75f) + i - result[i]) <= bound(0, i, 0) + KernelProbe.Unit * (i + 1), $"element {i}: {result[i]}");
        }
    }

    private sealed class ClampStep : EpilogueStep
    {
        public override (float Least, float Most)? Clamp => (-0.5f, 0.75f);

        public override unsafe void Apply(float* results, long offset, int count, in KernelBuffers buffers) => Assert.Fail("a leading clamp belongs to the kernel");
    }

    private sealed class PositionStep : EpilogueStep
    {
        public override unsafe void Apply(float* results, long offset, int count, in KernelBuffers buffers)
        {
            for (int i = 0; i < count; i++) results[i] += offset + i;
        }
    }
}
