using Strata.Kernels;
using Strata.Kernels.Conv;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Transposed convolutions against the reference evaluation.</summary>
public class ConvTransposeKernelTests
{
    private readonly struct Scatter : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => ConvTransposeKernel<V>.Supports(request) ? ConvTransposeKernel<V>.Create(request) : null;
    }

    private readonly struct Split : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => SubFilterProductKernel<V>.Supports(request) ? SubFilterProductKernel<V>.Create(request) : null;
    }

    private readonly struct Direct : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => SubFilterDirectKernel<V>.Supports(request) ? SubFilterDirectKernel<V>.Create(request) : null;
    }

    private static void Check(int seed, ConvTranspose op, int[] x, int[] w, bool bias = true)
    {
        var random = new Random(seed);
        Tensor?[] inputs = [KernelProbe.Draw(random, x), KernelProbe.Draw(random, w), bias ? KernelProbe.Draw(random, (int)(w[1] * op.Group)) : null];
        var bound = KernelProbe.SumBound(op, inputs, w[2..].Aggregate((long)w[0], (a, b) => a * b) + 1);
        CheckAll(op, inputs, bound, [false, false, false]);
        CheckAll(op, inputs, bound, [false, true, true]);
    }

    private static void CheckAll(ConvTranspose op, Tensor?[] inputs, Func<int, int, double, double> bound, bool[] constants)
    {
        KernelProbe.Check(new Scatter(), op, inputs, bound, constants: constants);
        KernelProbe.Check(new Split(), op, inputs, bound, constants: constants);
        KernelProbe.Check(new Direct(), op, inputs, bound, constants: constants);
    }

    private static ConvTranspose Op(long[] strides, long[]? dilations = null, long[]? pads = null, int group = 1, long[]? padding = null) =>
        new() { Group = group, Window = new() { Strides = [.. strides], Dilations = [.. dilations ?? []], Pads = [.. pads ?? []] }, OutputPadding = [.. padding ?? []] };

    [Fact]
    public void Windows()
    {
        Check(1, Op([2, 2]), [1, 16, 20, 21], [16, 8, 2, 2]);
        Check(2, Op([2, 2], pads: [1, 1, 1, 1]), [2, 7, 9, 33], [7, 5, 4, 4], bias: false);
        Check(3, Op([1, 1], pads: [1, 1, 1, 1]), [1, 6, 8, 8], [6, 9, 3, 3]);
        Check(4, Op([2, 3], [2, 1], [1, 0, 2, 4], padding: [1, 2]), [1, 4, 7, 9], [4, 3, 3, 5]);
        Check(5, Op([3, 4]), [1, 2, 5, 6], [2, 3, 2, 1]);
        Check(6, Op([2, 2], pads: [-1, -2, 0, -3]), [1, 2, 5, 6], [2, 3, 3, 3]);
        Check(7, new() { Window = new() { Strides = [2, 2], AutoPad = AutoPad.SameLower } }, [1, 2, 5, 6], [2, 3, 3, 3]);
        Check(8, new() { Window = new() { Strides = [3, 2] }, OutputShape = [14, 9] }, [1, 2, 5, 6], [2, 3, 3, 3]);
    }

    [Fact]
    public void OneAndThreeAxes()
    {
        Check(1, Op([8], pads: [4, 4]), [1, 24, 50], [24, 12, 16]);
        Check(2, Op([64]), [1, 33, 7], [33, 1, 128]);
        Check(3, Op([100]), [1, 3, 1], [3, 2, 30], bias: false);
        Check(4, Op([1, 2, 2], pads: [1, 0, 1, 0, 1, 1], padding: [0, 1, 0]), [1, 4, 3, 5, 18], [4, 3, 3, 2, 3]);
        Check(5, Op([1], [7], pads: [3, 9]), [2, 5, 40], [5, 4, 3]);
    }

    [Fact]
    public void ManyChannelsAndLongRows()
    {
        Check(1, Op([2, 2], pads: [1, 1, 1, 1]), [1, 150, 5, 6], [150, 37, 4, 4]);
        Check(2, Op([4, 4], pads: [1, 1, 1, 1]), [1, 5, 9, 40], [5, 6, 6, 6]);
        Check(3, Op([4], pads: [2, 2]), [1, 9, 1300], [9, 7, 8]);
        Check(4, Op([2], pads: [1, 0]), [2, 4, 5000], [4, 5, 3], bias: false);
        Check(5, Op([3, 2]), [1, 400, 3, 3], [400, 5, 3, 3]);
    }

    [Fact]
    public void Groups()
    {
        Check(1, Op([2, 2], pads: [1, 1, 1, 1], group: 6), [1, 6, 9, 9], [6, 1, 4, 4]);
        Check(2, Op([2, 1], group: 3), [2, 12, 5, 6], [12, 5, 3, 3]);
    }

    [Fact]
    public void NothingIn()
    {
        Check(1, Op([2, 2]), [0, 3, 5, 5], [3, 4, 3, 3]);
        Check(2, Op([2, 2]), [2, 0, 5, 5], [0, 4, 3, 3]);
        Check(3, Op([2, 2]), [1, 3, 5, 5], [3, 0, 3, 3]);
        Check(4, Op([2, 2], pads: [1, 1, 1, 1]), [1, 3, 1, 5], [3, 2, 2, 2]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomShapes(int seed)
    {
        var random = new Random(seed);
        int axes = random.Next(1, 4), group = random.Next(1, 4), channels = random.Next(1, 4);
        int[] input = [.. Draws(1, axes == 1 ? 60 : 8)], kernel = [.. Draws(1, 5)];
        long[] strides = [.. Draws(1, 5)], dilations = [.. Draws(1, 3)], padding = [.. strides.Select(s => (long)random.Next((int)s))];
        long[] cut = [.. Enumerable.Range(0, axes).Select(d => (input[d] - 1) * strides[d] + padding[d] + (kernel[d] - 1) * dilations[d] + 1)];
        long[] begin = [.. cut.Select(c => (long)random.Next((int)Math.Min(c + 1, 4)))], end = [.. cut.Select((c, d) => (long)random.Next(-2, (int)Math.Min(c - begin[d] + 1, 4)))];
        Check(seed, Op(strides, dilations, [.. begin, .. end], group, padding), [random.Next(1, 3), group * channels, .. input], [group * channels, random.Next(1, 4), .. kernel], random.Next(2) == 0);

        IEnumerable<int> Draws(int least, int most) => Enumerable.Range(0, axes).Select(_ => random.Next(least, most)).ToArray();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void NaNAndInfinityStayInTheirWindows()
    {
        var random = new Random(12);
        float[] x = KernelProbe.Draw(random, 1, 2, 9, 20).Span<float>().ToArray();
        (x[0], x[4 * 20 + 7], x[359]) = (float.NaN, float.PositiveInfinity, float.NaN);
        float[] w = Array.ConvertAll(KernelProbe.Draw(random, 2, 3, 3, 3).Span<float>().ToArray(), static v => v == 0 ? 1 : v);
        CheckAll(Op([2, 2], pads: [1, 1, 1, 1]), [Tensor.From<float>([1, 2, 9, 20], x), Tensor.From<float>([2, 3, 3, 3], w)], static (_, _, _) => 20 * KernelProbe.Unit * 18, [false, false]);
    }
}
