using Strata.Kernels;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Pooling against the reference evaluation.</summary>
public class PoolKernelTests
{
    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V>
        {
            var level = V.Count switch { 16 => SimdLevel.Vector512, 8 => SimdLevel.Vector256, 4 => SimdLevel.Vector128, _ => SimdLevel.Scalar };
            return KernelTable.Supporting(request).Single(r => r.Needs == level).Create(request);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomShapes(int seed)
    {
        var random = new Random(seed);
        int axes = random.Next(1, 4);
        long[] kernel = [.. Draws(1, 4)], strides = [.. Draws(1, 4)], dilations = [.. Draws(1, 3)];
        long[] pads = [.. Enumerable.Range(0, 2 * axes).Select(d => (long)random.Next((int)kernel[d % axes]))];
        int[] input = [.. Enumerable.Range(0, axes).Select(d => (int)((kernel[d] - 1) * dilations[d]) + 1 + random.Next(axes == 1 ? 90 : 50 / axes))];
        var x = KernelProbe.Draw(random, [random.Next(1, 3), random.Next(0, 5), .. input]);
        if (x.Count > 0 && seed % 3 == 0)
        {
            float[] values = x.Span<float>().ToArray();
            (values[0], values[^1], values[values.Length / 2]) = (float.NaN, float.NegativeInfinity, float.PositiveInfinity);
            x = Tensor.From<float>([.. x.Dims], values);
        }
        var window = new WindowAttributes { KernelShape = [.. kernel], Strides = [.. strides], Dilations = [.. dilations], Pads = [.. pads] };
        KernelProbe.Check(new Maker(), new MaxPool { Window = window, CeilMode = seed % 2 == 0 }, [x], static (_, _, _) => 0);
        KernelProbe.Check(new Maker(), new AveragePool { Window = window, CountIncludePad = seed % 4 < 2 }, [x], static (_, _, _) => 40 * KernelProbe.Unit);

        IEnumerable<long> Draws(int least, int most) => Enumerable.Range(0, axes).Select(_ => (long)random.Next(least, most)).ToArray();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];
}
