using Strata.Kernels;
using Strata.Kernels.Conv;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Operators;

namespace Strata.Tests.Kernels;

/// <summary>Convolutions by Winograd's products against the reference evaluation.</summary>
public class WinogradKernelTests
{
    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => WinogradKernel<V>.Supports(request) ? WinogradKernel<V>.Create(request) : null;
    }

    private static void Check(int seed, int[] x, int filters, int group = 1, int[]? pads = null, bool bias = true, float scale = 1)
    {
        var random = new Random(seed);
        var op = new Conv { Group = group, Window = new() { Pads = [.. (pads ?? [1, 1, 1, 1]).Select(p => (long)p)] } };
        Tensor?[] inputs = [Scaled(KernelProbe.Draw(random, x), scale), KernelProbe.Draw(random, filters, x[1] / group, 3, 3), bias ? KernelProbe.Draw(random, filters) : null];
        KernelProbe.Check(new Maker(), op, inputs, Bound(op, inputs), constants: [false, true, true]);
    }

    private static Tensor Scaled(Tensor tensor, float scale) => Tensor.From<float>([.. tensor.Dims], Array.ConvertAll(tensor.Span<float>().ToArray(), v => v * scale));

    // A sixteenth of the bound that the kernel states.
    private static Func<int, int, double, double> Bound(Conv op, Tensor?[] inputs)
    {
        int[] x = [.. inputs[0]!.Dims], w = [.. inputs[1]!.Dims];
        int height = x[2] + (int)(op.Window.Pads[0] + op.Window.Pads[2]) - 2, width = x[3] + (int)(op.Window.Pads[1] + op.Window.Pads[3]) - 2, perGroup = w[0] / (int)op.Group;
        float[] elements = inputs[0]!.Span<float>().ToArray(), weights = inputs[1]!.Span<float>().ToArray();
        var bounds = new double[x[0] * w[0] * height * width];
        for (int i = 0; i < bounds.Length; i++)
        {
            int plane = i / (height * width), m = plane % w[0], top = i / width % height / 4 * 4 - (int)op.Window.Pads[0], left = i % width / 4 * 4 - (int)op.Window.Pads[1];
            double sum = inputs[2] is { } bias ? Math.Abs(bias.Span<float>()[m]) : 0;
            for (int c = 0; c < w[1]; c++)
            {
                float greatest = 0, filter = 0;
                for (int r = Math.Max(top, 0); r < Math.Min(top + 6, x[2]); r++)
                {
                    for (int q = Math.Max(left, 0); q < Math.Min(left + 6, x[3]); q++) greatest = Math.Max(greatest, Math.Abs(elements[(((plane / w[0] * x[1]) + (m / perGroup * w[1]) + c) * x[2] + r) * x[3] + q]));
                }
                for (int t = 0; t < 9; t++) filter += Math.Abs(weights[(m * w[1] + c) * 9 + t]);
                sum += (double)greatest * filter;
            }
            bounds[i] = KernelProbe.Unit * 15 * (w[1] + 24) * sum + float.Epsilon;
        }
        return (_, i, _) => bounds[i];
    }

    [Fact]
    public void SizesOfTilesAndBlocks()
    {
        Check(1, [1, 1, 1, 1], 1);
        Check(2, [1, 3, 3, 3], 2, pads: [0, 0, 0, 0]);
        Check(3, [2, 5, 4, 4], 7);
        Check(4, [1, 16, 56, 57], 16, bias: false);
        Check(5, [3, 17, 7, 7], 33);
        Check(6, [1, 70, 14, 15], 20);
        Check(7, [1, 2, 5, 140], 3);
        Check(8, [1, 2, 150, 3], 5);
        Check(9, [1, 40, 25, 130], 13);
        Check(10, [1, 400, 9, 9], 9);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void RandomShapes(int seed)
    {
        var random = new Random(seed);
        int group = random.Next(3) == 0 ? random.Next(1, 5) : 1, channels = random.Next(1, 24), filters = random.Next(1, 24);
        int[] pads = [.. Enumerable.Range(0, 4).Select(_ => random.Next(-1, 4))];
        int height = Math.Max(3 - Math.Min(0, pads[0]) - Math.Min(0, pads[2]), random.Next(1, 40)), width = Math.Max(3 - Math.Min(0, pads[1]) - Math.Min(0, pads[3]), random.Next(1, 90));
        Check(seed, [random.Next(1, 3), group * channels, height, width], group * filters, group, pads, random.Next(2) == 0, random.Next(4) == 0 ? 1e20f : 1);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Fact]
    public void OtherConvolutionsAreLeftAlone()
    {
        Assert.False(Takes(new() { Window = new() { Strides = [2, 2] } }, [1, 4, 9, 9], [4, 4, 3, 3], [1, 4, 4, 4]));
        Assert.False(Takes(new() { Window = new() { Dilations = [1, 2] } }, [1, 4, 9, 9], [4, 4, 3, 3], [1, 4, 7, 5]));
        Assert.False(Takes(new(), [1, 4, 9, 9], [4, 4, 3, 5], [1, 4, 7, 5]));
        Assert.False(Takes(new(), [1, 4, 9, 9], [4, 4, 3, 3], [1, 4, 7, 7], isConstant: false));
        Assert.False(Takes(new(), [1, 4, 2, 9, 9], [4, 4, 1, 3, 3], [1, 4, 2, 7, 7]));
        Assert.True(Takes(new(), [1, 4, 9, 9], [4, 4, 3, 3], [1, 4, 7, 7]));

        static bool Takes(Conv op, int[] x, int[] w, int[] y, bool isConstant = true) =>
            WinogradKernel<F32>.Supports(KernelProbe.Request(op, [Tensor.Zeros(ElementType.Float32, x), Tensor.Zeros(ElementType.Float32, w)], [Tensor.Zeros(ElementType.Float32, y)], [false, isConstant]));
    }

    [Fact]
    public void NaNAndInfinityStayInTheirWindows()
    {
        var random = new Random(12);
        float[] x = KernelProbe.Draw(random, 1, 2, 9, 20).Span<float>().ToArray();
        (x[0], x[4 * 20 + 7], x[6 * 20 + 2], x[359]) = (float.NaN, float.PositiveInfinity, float.MaxValue, float.NaN);
        var w = Array.ConvertAll(KernelProbe.Draw(random, 4, 2, 3, 3).Span<float>().ToArray(), static v => v == 0 ? 1 : v);
        (w[9], w[45]) = (0, float.NegativeInfinity);
        var op = new Conv { Window = new() { Pads = [1, 1, 1, 1] } };
        Tensor[] inputs = [Tensor.From<float>([1, 2, 9, 20], x), Tensor.From<float>([4, 2, 3, 3], w)];
        KernelProbe.Check(new Maker(), op, inputs, static (_, _, wanted) => 50 * KernelProbe.Unit * (18 + Math.Abs(wanted)), constants: [false, true]);
    }

    [Fact]
    public void SumsOfIntegersAreLeftToKernelsThatKeepThem()
    {
        var request = KernelProbe.Request(new Conv(), [Tensor.Zeros(ElementType.Float32, 1, 64, 66, 66), Tensor.Zeros(ElementType.Float32, 64, 64, 3, 3)], [Tensor.Zeros(ElementType.Float32, 1, 64, 64, 64)], [false, true]);
        Assert.StartsWith("conv.winograd.", KernelTable.Find(request)!.Name, StringComparison.Ordinal);
        Assert.False(KernelTable.Find(request, keepsIntegers: true)!.Transforms);
    }
}
