using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Operators;

namespace Strata.Benchmarks;

/// <summary>Matrix products: square, skinny, tiny; with fixed and with computed right operands.</summary>
internal static class GemmSuite
{
    public static void Run<V>(double peak) where V : struct, ISimd<V>
    {
        int[][] sizes =
        [
            [64, 64, 64], [128, 128, 128], [256, 256, 256], [512, 512, 512], [1024, 1024, 1024], [2048, 2048, 2048],
            [128, 768, 768], [128, 768, 3072], [128, 3072, 768], [100, 300, 500],
            [1, 256, 256], [1, 1024, 1024], [2, 1024, 1024], [4, 1024, 1024], [8, 1024, 1024], [16, 1024, 1024], [1, 4096, 4096], [1, 8192, 8192], [4, 8192, 8192], [16, 8192, 8192],
            [4, 4, 4], [16, 16, 16], [1000, 512, 1],
        ];
        foreach (bool isFixed in (bool[])[true, false])
        {
            Console.WriteLine(isFixed ? "a · b, b fixed: m k n, GFLOP/s, share of peak, GB/s of b, µs" : "a · b, both computed");
            foreach (int[] size in sizes)
            {
                var (m, k, n) = (size[0], size[1], size[2]);
                var runner = new KernelRunner(new MatMul(), [[m, k], [k, n]], [m, n], MatMulKernel<V>.Create, isFixed);
                int repeat = Math.Max(1, (int)(20e6 / (2.0 * m * k * n)));
                double seconds = Machine.Best(() => { for (int i = 0; i < repeat; i++) runner.Run(); }, 0.3) / repeat, rate = 2.0 * m * k * n / seconds;
                Console.WriteLine($"{m,5} {k,5} {n,5}  {rate / 1e9,7:F1}  {rate / peak,6:P1}  {4.0 * k * n / seconds / 1e9,6:F1}  {seconds * 1e6,10:F2}");
            }
        }
    }
}
