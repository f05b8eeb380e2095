using Strata.Kernels;
using Strata.Kernels.Integer;
using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Operators;

namespace Strata.Tests.Kernels;

/// <summary>Products, convolutions and pooling of 8-bit codes give the bits of the reference evaluation.</summary>
public class IntegerKernelTests
{
    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => request.Operator is ConvInteger or QLinearConv
            ? ConvIntegerKernel<V>.Supports(request) ? ConvIntegerKernel<V>.Create(request) : null
            : MatMulIntegerKernel<V>.Supports(request) ? MatMulIntegerKernel<V>.Create(request) : null;
    }

    private static readonly Random Numbers = new(11);

    private static void Check(Operator op, params Tensor?[] inputs)
    {
        foreach (bool constant in (bool[])[false, true])
            KernelProbe.Check(new Maker(), op, inputs, static (_, _, _) => 0, constants: [.. inputs.Select((_, i) => constant && i > 0)]);
        Assert.True(KernelRowTests.Check(op, inputs, fixedFrom: 1) > 0);
    }

    private static Tensor Codes(ElementType type, params int[] dims)
    {
        // The ends of the range are drawn often: they are what could overflow.
        var (least, most) = type == ElementType.Int8 ? (-128, 128) : (0, 256);
        return Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => Numbers.Next(4) switch { 0 => least, 1 => most - 1L, _ => Numbers.Next(least, most) })]);
    }

    private static Tensor Scales(params int[] dims) => Tensor.From<float>(dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => Numbers.NextSingle() * 0.01f + 0.001f)]);

    public static TheoryData<ElementType, ElementType> Types => new()
    {
        { ElementType.UInt8, ElementType.UInt8 }, { ElementType.UInt8, ElementType.Int8 }, { ElementType.Int8, ElementType.UInt8 }, { ElementType.Int8, ElementType.Int8 },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void MatricesOfEverySize(ElementType a, ElementType b)
    {
        foreach (var (m, k, n) in ((int, int, int)[])[(1, 1, 1), (1, 256, 10), (2, 7, 33), (3, 64, 16), (5, 33, 31), (7, 1100, 65), (13, 12, 8), (40, 50, 100), (0, 4, 5), (4, 0, 5), (4, 5, 0)])
        {
            Tensor x = Codes(a, m, k), y = Codes(b, k, n);
            Check(new MatMulInteger(), x, y);
            Check(new MatMulInteger(), x, y, Codes(a), Codes(b));
            if (m > 0) Check(new MatMulInteger(), x, y, Codes(a, m), Codes(b, n));
            foreach (var result in (ElementType[])[ElementType.Int8, ElementType.UInt8])
            {
                Check(new QLinearMatMul(), x, Scales(), Codes(a), y, Scales(), Codes(b), Scales(), Codes(result));
                if (m > 0) Check(new QLinearMatMul(), x, Scales(m), Codes(a, m), y, Scales(n), Codes(b, n), Scales(1), Codes(result, 1));
            }
        }
        Check(new MatMulInteger(), Codes(a, 2, 3, 5, 7), Codes(b, 3, 7, 9), Codes(a), Codes(b));
        Check(new MatMulInteger(), Codes(a, 3, 1, 5, 7), Codes(b, 7, 9), null, Codes(b, 9));
        Check(new MatMulInteger(), Codes(a, 7), Codes(b, 7, 9));
        Check(new MatMulInteger(), Codes(a, 4, 7), Codes(b, 7));
        Check(new QLinearMatMul(), Codes(a, 2, 5, 7), Scales(), Codes(a), Codes(b, 2, 7, 9), Scales(), Codes(b), Scales(), Codes(a));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void ConvolutionsOfEveryShape(ElementType x, ElementType w)
    {
        Case([1, 1, 9, 10], [8, 1, 5, 5], pads: [2, 2, 2, 2]);
        Case([2, 3, 17, 19], [5, 3, 3, 3], strides: [2, 1], pads: [1, 0, 2, 1]);
        Case([1, 70, 6, 7], [33, 70, 1, 1]);
        Case([1, 9, 6, 7], [4, 9, 1, 1], strides: [2, 2]);
        Case([1, 6, 12, 12], [6, 1, 3, 3], group: 6, pads: [1, 1, 1, 1]);
        Case([2, 6, 12, 11], [9, 2, 2, 3], group: 3, dilations: [2, 3], pads: [0, 1, 2, 3]);
        Case([1, 120, 5, 5], [7, 120, 3, 3], pads: [1, 1, 1, 1]);
        Case([1, 3, 50], [4, 3, 7], strides: [3], pads: [3, 2]);
        Case([1, 2, 5, 6, 7], [3, 2, 2, 3, 2], pads: [1, 1, 0, 0, 1, 1]);
        Case([0, 3, 5, 5], [4, 3, 3, 3]);
        Case([1, 0, 5, 5], [4, 0, 3, 3]);

        void Case(int[] dims, int[] filters, int group = 1, int[]? strides = null, int[]? dilations = null, int[]? pads = null)
        {
            var window = new WindowAttributes { Strides = Longs(strides), Dilations = Longs(dilations), Pads = Longs(pads) };
            Tensor codes = Codes(x, dims), weights = Codes(w, filters);
            int m = filters[0];
            Check(new ConvInteger { Window = window, Group = group }, codes, weights);
            Check(new ConvInteger { Window = window, Group = group }, codes, weights, Codes(x), Codes(w, m));
            var bias = Tensor.FromInt64s(ElementType.Int32, [m], [.. Enumerable.Range(0, m).Select(_ => (long)Numbers.Next(-100_000, 100_000))]);
            Check(new QLinearConv { Window = window, Group = group }, codes, Scales(), Codes(x), weights, Scales(), Codes(w), Scales(), Codes(ElementType.UInt8), bias);
            Check(new QLinearConv { Window = window, Group = group }, codes, Scales(), Codes(x), weights, Scales(m), Codes(w, m), Scales(), Codes(ElementType.Int8));
        }

        static System.Collections.Immutable.ImmutableArray<long> Longs(int[]? values) => values is null ? [] : [.. values.Select(v => (long)v)];
    }

    [Fact]
    public void KernelsOfRealsTakeWhatTheyComputeExactly()
    {
        Tensor few = Codes(ElementType.UInt8, 3, 100), many = Codes(ElementType.UInt8, 3, 600), zero = Tensor.FromInt64s(ElementType.UInt8, [], [0]);
        Assert.True(IsExact(few, Tensor.FromInt64s(ElementType.Int8, [100, 4], [.. Enumerable.Repeat(-128L, 400)])));
        Assert.False(IsExact(many, Tensor.FromInt64s(ElementType.Int8, [600, 4], [.. Enumerable.Repeat(-128L, 2400)])));
        Assert.True(IsExact(many, Tensor.FromInt64s(ElementType.Int8, [600, 4], [.. Enumerable.Repeat(100L, 2400)])));

        bool IsExact(Tensor a, Tensor b)
        {
            Tensor?[] inputs = [a, b, zero];
            var request = KernelProbe.Request(new MatMulInteger(), inputs, Evaluation.RunMany(new MatMulInteger(), 1, inputs), [false, true, true]);
            return KernelTable.Supporting(request).Any(r => r.Name == "matmulinteger.exact");
        }
    }

    [Fact]
    public void SumsWrapInThirtyTwoBits()
    {
        // 255 · 255 · 33,100 is beyond 2³¹.
        Tensor x = Tensor.FromInt64s(ElementType.UInt8, [1, 33_100], [.. Enumerable.Repeat(255L, 33_100)]), y = Tensor.FromInt64s(ElementType.UInt8, [33_100, 1], [.. Enumerable.Repeat(255L, 33_100)]);
        Check(new MatMulInteger(), x, y);
    }

    [Theory]
    [InlineData(ElementType.Int8)]
    [InlineData(ElementType.UInt8)]
    public void CodesArePooled(ElementType type)
    {
        var window = new WindowAttributes { KernelShape = [3, 2], Strides = [2, 1], Pads = [1, 0, 1, 1] };
        foreach (int[] dims in (int[][])[[2, 3, 11, 40], [1, 1, 4, 5], [1, 0, 4, 5]])
        {
            Assert.True(KernelRowTests.Check(new MaxPool { Window = window }, [Codes(type, dims)]) > 0);
            Assert.True(KernelRowTests.Check(new QLinearAveragePool { Window = window, CountIncludePad = true }, [Codes(type, dims), Scales(), Codes(type), Scales(), Codes(type)]) > 0);
            Assert.True(KernelRowTests.Check(new QLinearAveragePool { Window = window with { Strides = [1, 3] }, CeilMode = true }, [Codes(type, dims), Scales(), Codes(type), Scales(1), null]) > 0);
            foreach (bool last in (bool[])[false, true])
                Assert.True(KernelRowTests.Check(new QLinearGlobalAveragePool { ChannelsLast = last }, [Codes(type, dims), Scales(), Codes(type), Scales(), Codes(type)]) > 0);
        }
    }

    [Fact]
    public void RangesAreMeasured()
    {
        foreach (int length in (int[])[0, 1, 7, 16, 33, 70_000])
        {
            float[] values = KernelProbe.Draw(Numbers, length).Span<float>().ToArray();
            Assert.Equal(1, KernelRowTests.Check(new DynamicQuantizeLinear(), [Tensor.Vector<float>(values)], outputs: 3));
            Assert.Equal(1, KernelRowTests.Check(new DynamicQuantizeLinear(), [Tensor.Vector<float>(Array.ConvertAll(values, v => v + 3))], outputs: 3));
            Assert.Equal(1, KernelRowTests.Check(new DynamicQuantizeLinear(), [Tensor.Vector<float>(Array.ConvertAll(values, v => v == 0 ? float.NaN : v))], outputs: 3));
            Assert.Equal(1, KernelRowTests.Check(new DynamicQuantizeLinear(), [Tensor.Vector<float>(Array.ConvertAll(values, v => v == 0 ? float.PositiveInfinity : v))], outputs: 3));
        }
    }
}
