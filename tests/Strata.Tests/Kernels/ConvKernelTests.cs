using Strata.Kernels;
using Strata.Kernels.Conv;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Convolutions against the reference evaluation.</summary>
public class ConvKernelTests
{
    private readonly struct General : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => ConvKernel<V>.Supports(request) ? ConvKernel<V>.Create(request) : null;
    }

    private readonly struct Direct : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => DirectConvKernel<V>.Supports(request) ? DirectConvKernel<V>.Create(request) : null;
    }

    private static void Check(int seed, int[] x, int[] w, int group = 1, int[]? strides = null, int[]? dilations = null, int[]? pads = null, AutoPad autoPad = AutoPad.NotSet, bool bias = true)
    {
        var random = new Random(seed);
        var op = new Conv
        {
            Group = group,
            Window = new() { Strides = Longs(strides), Dilations = Longs(dilations), Pads = Longs(pads), AutoPad = autoPad },
        };
        Tensor?[] inputs = [KernelProbe.Draw(random, x), KernelProbe.Draw(random, w), bias ? KernelProbe.Draw(random, w[0]) : null];
        var bound = KernelProbe.SumBound(op, inputs, w[1..].Aggregate(1L, (a, b) => a * b) + 1);
        KernelProbe.Check(new General(), op, inputs, bound);
        KernelProbe.Check(new General(), op, inputs, bound, constants: [false, true, true]);
        KernelProbe.Check(new Direct(), op, inputs, bound);

        static System.Collections.Immutable.ImmutableArray<long> Longs(int[]? values) => values is null ? [] : [.. values.Select(v => (long)v)];
    }

    [Theory]
    [InlineData(1, 3, 5, 7, 7)]
    [InlineData(2, 16, 33, 5, 13)]
    [InlineData(1, 70, 64, 14, 14)]
    [InlineData(3, 1, 1, 1, 1)]
    [InlineData(1, 400, 20, 3, 3)]
    public void Pointwise(int n, int c, int m, int h, int w)
    {
        Check(1, [n, c, h, w], [m, c, 1, 1]);
        Check(2, [n, c, h, w], [m, c, 1, 1], strides: [2, 2], bias: false);
        Check(3, [n, c, h, w], [m, c, 1, 1], pads: [1, 0, 2, 1]);
    }

    [Fact]
    public void AsManyOutputsAsInputsInOtherRows() => Check(1, [1, 3, 3, 2], [4, 3, 1, 1], pads: [0, 0, -1, 1]);

    [Fact]
    public void Windows()
    {
        Check(1, [1, 3, 17, 19], [8, 3, 3, 3], pads: [1, 1, 1, 1]);
        Check(2, [2, 3, 33, 31], [16, 3, 7, 7], strides: [2, 2], pads: [3, 3, 3, 3]);
        Check(3, [1, 40, 9, 70], [30, 40, 3, 3], pads: [1, 1, 1, 1], bias: false);
        Check(4, [1, 4, 12, 12], [6, 4, 3, 5], strides: [1, 3], dilations: [2, 1], pads: [2, 0, 1, 4]);
        Check(5, [1, 4, 12, 12], [6, 4, 2, 2], strides: [3, 2], pads: [0, 3, 3, 0]);
        Check(6, [1, 2, 5, 5], [3, 2, 5, 5], pads: [4, 4, 4, 4], dilations: [1, 2]);
        Check(7, [1, 2, 11, 13], [3, 2, 3, 3], strides: [2, 2], autoPad: AutoPad.SameUpper);
        Check(8, [1, 2, 11, 13], [3, 2, 2, 4], strides: [2, 3], autoPad: AutoPad.SameLower);
        Check(9, [1, 2, 11, 13], [3, 2, 3, 3], autoPad: AutoPad.Valid);
        Check(10, [1, 3, 9, 9], [5, 3, 3, 3], pads: [-1, -2, 0, -1]);
        Check(11, [1, 130, 7, 7], [20, 130, 3, 3], pads: [1, 1, 1, 1]);
    }

    [Fact]
    public void OneAndThreeAxes()
    {
        Check(1, [2, 5, 37], [7, 5, 4], strides: [2], dilations: [3], pads: [3, 2]);
        Check(2, [1, 80, 100], [24, 80, 3], pads: [1, 1]);
        Check(3, [1, 3, 5, 6, 7], [4, 3, 3, 2, 3], strides: [1, 2, 1], pads: [1, 0, 1, 1, 1, 2]);
        Check(4, [1, 2, 4, 4, 20], [4, 2, 2, 2, 2], strides: [2, 2, 2], dilations: [1, 1, 3]);
    }

    [Fact]
    public void LastAxesOfOneElement()
    {
        Check(1, [1, 5, 90, 1], [7, 5, 5, 1]);
        Check(2, [2, 3, 40, 1], [4, 3, 3, 1], strides: [2, 1], dilations: [3, 1], pads: [2, 0, 1, 0], bias: false);
        Check(3, [1, 2, 6, 33, 1], [3, 2, 2, 3, 1], pads: [1, 1, 0, 0, 1, 0]);
        Check(4, [1, 4, 30, 1, 1], [4, 1, 3, 1, 1], group: 4, pads: [1, 0, 0, 1, 0, 0]);
        Check(5, [1, 3, 20, 1], [2, 3, 3, 1], strides: [1, 4], pads: [1, 1, 1, 1]);
        Check(6, [1, 3, 1, 1], [2, 3, 1, 1]);
    }

    [Fact]
    public void Groups()
    {
        Check(1, [1, 12, 9, 9], [18, 4, 3, 3], group: 3, pads: [1, 1, 1, 1]);
        Check(2, [2, 8, 6, 6], [8, 1, 3, 3], group: 8, pads: [1, 1, 1, 1]);
        Check(3, [1, 6, 10], [12, 1, 3], group: 6);
        Check(4, [1, 64, 5, 5], [64, 2, 1, 1], group: 32);
    }

    [Fact]
    public void Depthwise()
    {
        Check(1, [2, 5, 3, 3], [5, 1, 3, 3], group: 5, pads: [1, 1, 1, 1]);
        Check(2, [1, 3, 48, 50], [3, 1, 3, 3], group: 3, strides: [2, 2], pads: [1, 1, 1, 1]);
        Check(3, [1, 4, 21, 40], [12, 1, 5, 4], group: 4, strides: [3, 1], dilations: [1, 3], pads: [2, 4, 0, 5], bias: false);
        Check(4, [1, 2, 130, 131], [2, 1, 7, 7], group: 2, pads: [3, 3, 3, 3]);
        Check(5, [1, 2, 5000], [4, 1, 9], group: 2, strides: [2], dilations: [4], pads: [16, 16]);
        Check(6, [1, 3, 4500], [3, 1, 5], group: 3, pads: [4, 0]);
        Check(7, [1, 70, 3], [70, 1, 3], group: 70);
        Check(8, [1, 2, 6, 5, 9], [2, 1, 3, 3, 3], group: 2, strides: [2, 1, 2], dilations: [1, 2, 1], pads: [1, 2, 1, 1, 2, 1]);
        Check(9, [1, 3, 12, 12], [3, 1, 3, 3], group: 3, pads: [-1, -2, 0, -1]);
        Check(10, [1, 2, 40, 40], [2, 1, 3, 3], group: 2, strides: [5, 4], pads: [0, 3, 1, 0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RowsOfEveryLength(int stride)
    {
        for (int width = 1; width <= 70; width++) Check(width, [1, 2, 3, width], [2, 1, 3, 2], group: 2, strides: [stride, stride], pads: [1, 1, 1, width % 3]);
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 1)]
    public void ColumnsOfOneChannel(int rows, int stride)
    {
        for (int width = 6; width <= 50; width++)
        {
            int columns = 1 + width % 5, height = rows + stride * (2 + width % 11);
            Check(width, [1, 2, height, width], [2 * (1 + width % 4), 1, rows, columns], group: 2, strides: [stride, 1 + width % 3], dilations: [1, 1 + width % 2], pads: [width % 3, width % 2, 1, 2], bias: width % 2 == 0);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomShapes(int seed)
    {
        var random = new Random(seed);
        int axes = random.Next(1, 4), group = random.Next(1, 5), channels = random.Next(1, 4), filters = random.Next(1, 4);
        int[] kernel = [.. Draws(axes, 1, 5)], dilations = [.. Draws(axes, 1, 4)], strides = [.. Draws(axes, 1, 4)], pads = [.. Draws(2 * axes, 0, 5)];
        int[] input = [.. Enumerable.Range(0, axes).Select(d => (kernel[d] - 1) * dilations[d] + 1 + random.Next(axes == 1 ? 90 : 25 / axes))];
        Check(seed, [random.Next(1, 3), group * channels, .. input], [group * filters, channels, .. kernel], group, strides, dilations, pads, bias: random.Next(2) == 0);

        IEnumerable<int> Draws(int count, int least, int most) => Enumerable.Range(0, count).Select(_ => random.Next(least, most)).ToArray();
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void NothingIn()
    {
        Check(1, [0, 3, 5, 5], [4, 3, 3, 3]);
        Check(2, [2, 0, 5, 5], [4, 0, 3, 3], bias: true);
        Check(3, [1, 3, 5, 5], [0, 3, 3, 3]);
        Check(4, [1, 3, 0, 5], [2, 3, 3, 3], pads: [2, 1, 2, 1]);
    }

    [Fact]
    public void NaNAndInfinityStayInTheirWindows()
    {
        var random = new Random(12);
        float[] x = KernelProbe.Draw(random, 1, 2, 9, 20).Span<float>().ToArray();
        (x[0], x[4 * 20 + 7], x[359]) = (float.NaN, float.PositiveInfinity, float.NaN);
        var w = Array.ConvertAll(KernelProbe.Draw(random, 4, 2, 3, 3).Span<float>().ToArray(), static v => v == 0 ? 1 : v);
        var op = new Conv { Window = new() { Pads = [1, 1, 1, 1] } };
        Tensor[] inputs = [Tensor.From<float>([1, 2, 9, 20], x), Tensor.From<float>([4, 2, 3, 3], w)];
        KernelProbe.Check(new General(), op, inputs, static (_, _, _) => 20 * KernelProbe.Unit * 18);
        KernelProbe.Check(new Direct(), op, inputs, static (_, _, _) => 20 * KernelProbe.Unit * 18);
    }
}
