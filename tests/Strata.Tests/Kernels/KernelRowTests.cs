using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Operators;

namespace Strata.Tests.Kernels;

/// <summary>Every row that takes a layer gives what its reference evaluation gives, writes nothing else, and does not care for the order of parts.</summary>
public class KernelRowTests
{
    private static readonly ElementType[] Numbers =
    [
        ElementType.Float32, ElementType.Float64, ElementType.Float16, ElementType.BFloat16, ElementType.Int8, ElementType.UInt8, ElementType.Int16, ElementType.UInt16,
        ElementType.Int32, ElementType.UInt32, ElementType.Int64, ElementType.UInt64, ElementType.Bool,
    ];

    private static readonly int[] Lengths = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 1009];

    [Fact]
    public void CastsOfEveryTypeRoundOnce()
    {
        double[] special = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, 1, -1, 0.5, 1.5, 2.5, 127.5, 255, 256, 300, -129, 65504, 65519.99, 65520, 1e5, -1e5, 6e-8, 2.98e-8, 2.99e-8, 6.1e-5, 6.097e-5, 1e-7,
            3e9, -3e9, 1e19, -1e19, 1e20, 3.4e38, 1e-40, 1.00390625, 1.01171875, 2049, 2051, 16777217, 16777219];
        int taken = 0;
        foreach (var from in Numbers)
        {
            foreach (var to in Numbers)
            {
                foreach (int length in Lengths)
                {
                    var random = new Random(length);
                    var values = new double[length];
                    for (int i = 0; i < length; i++) values[i] = i < special.Length ? special[(i + length) % special.Length] : Math.ScaleB(random.NextDouble() * 2 - 1, random.Next(-28, 40));
                    taken += Check(new Cast { To = to }, [Tensor.FromDoubles(from, [length], values)]);
                }
            }
        }
        Assert.True(taken >= (Numbers.Length * Numbers.Length - 24) * Lengths.Length, $"{taken} casts have kernels");
    }

    /// <summary>All f16 and all f32 that lie at or between two neighbouring f16.</summary>
    [Fact]
    public void HalvesConvertExactlyBothWays()
    {
        var halves = new Half[1 << 16];
        for (int i = 0; i < halves.Length; i++) halves[i] = BitConverter.UInt16BitsToHalf((ushort)i);
        Assert.True(Check(new Cast { To = ElementType.Float32 }, [Tensor.Vector<Half>(halves)]) > 0);
        var between = new List<float>();
        for (int i = 0; i < 0x7C00; i++)
        {
            float least = (float)halves[i], middle = i + 1 < 0x7C00 ? (least + (float)halves[i + 1]) / 2 : 65520;
            between.AddRange([least, -middle, middle, MathF.BitIncrement(middle), MathF.BitDecrement(middle)]);
        }
        Assert.True(Check(new Cast { To = ElementType.Float16 }, [Tensor.Vector<float>([.. between])]) > 0);
    }

    public static TheoryData<ElementType> Codes => [ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int16, ElementType.Int32];

    [Theory]
    [MemberData(nameof(Codes))]
    public void QuantisationSharesScalesInEveryWay(ElementType type)
    {
        var random = new Random(5);
        foreach (bool shifted in new[] { true, false })
        {
            foreach (int length in Lengths)
            {
                Parameters([length], [], 1, 0);
                Parameters([length], [length], 0, 0);
                Parameters([length, 3], [3], -1, 0);
                Parameters([3, length], [length], 1, 0);
                Parameters([2, 3, length], [3], 1, 0);
                Parameters([2, 2 * length, 5], [2, 2, 5], 1, Math.Max(length, 1));
                Parameters([3, 4 * length], [3, 4], -1, Math.Max(length, 1));
            }

            void Parameters(int[] dims, int[] shared, long axis, long block)
            {
                if (block > 0 && dims.Contains(0)) return;
                float[] reals = [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(i => i % 11 == 3 ? float.NaN : i % 11 == 5 ? float.PositiveInfinity : i % 11 == 7 ? float.NegativeInfinity : (random.NextSingle() - 0.5f) * 4e4f)];
                float[] scales = [.. Enumerable.Range(0, Tensor.CountOf(shared)).Select(_ => 0.5f + random.Next(1, 100))];
                var scale = Tensor.From<float>(shared, scales);
                if (type != ElementType.Int32)
                {
                    var zero = Tensor.FromInt64s(type, shared, [.. scales.Select(_ => (long)random.Next(0, 100))]);
                    Assert.True(Check(new QuantizeLinear { Axis = axis, BlockSize = block, OutputType = type }, shifted ? [Tensor.From<float>(dims, reals), scale, zero] : [Tensor.From<float>(dims, reals), scale]) > 0);
                }
                if (type == ElementType.Int32 && shifted) return;
                var codes = Tensor.FromInt64s(type, dims, [.. reals.Select(_ => random.NextInt64(int.MinValue, int.MaxValue))]);
                Assert.True(Check(new DequantizeLinear { Axis = axis, BlockSize = block }, shifted ? [codes, scale, Tensor.FromInt64s(type, shared, [.. scales.Select(_ => (long)random.Next(0, 100))])] : [codes, scale]) > 0);
            }
        }
    }

    [Fact]
    public void PaddingRepeatsMirrorsAndWraps()
    {
        foreach (var mode in Enum.GetValues<PadMode>())
        {
            foreach (var type in new[] { ElementType.Float32, ElementType.UInt8, ElementType.Int64, ElementType.Float16 })
            {
                foreach (long[] pads in new long[][] { [0, 0, 0, 0, 0, 0], [1, 2, 3, 0, 1, 2], [0, 0, 40, 0, 0, 9], [-1, 1, -2, 2, -1, 30], [3, 0, 0, 3, 0, 0] })
                    Assert.True(Check(new Pad { Mode = mode }, [Numbered(type, 3, 4, 21), Tensor.Vector<long>(pads)], fixedFrom: 1) > 0);
                Assert.True(Check(new Pad { Mode = mode }, [Numbered(type, 2, 5), Tensor.Vector(7L, -2L), null, Tensor.Vector(-1L)], fixedFrom: 1) > 0);
            }
        }
    }

    [Fact]
    public void BlocksAndTrianglesMove()
    {
        foreach (var type in new[] { ElementType.Float32, ElementType.Bool, ElementType.Int64 })
        {
            foreach (var mode in Enum.GetValues<DepthToSpaceMode>()) Assert.True(Check(new DepthToSpace { BlockSize = 2, Mode = mode }, [Numbered(type, 2, 12, 3, 5)]) > 0);
            Assert.True(Check(new SpaceToDepth { BlockSize = 3 }, [Numbered(type, 2, 2, 6, 9)]) > 0);
            Assert.True(Check(new SpaceToDepth { BlockSize = 2 }, [Numbered(type, 0, 2, 6, 8)]) > 0);
            foreach (bool isFilled in new[] { true, false })
            {
                Tensor?[] parts = [Numbered(type, 2, 3, 4), null, Numbered(type, 2, 3, 4), isFilled ? Numbered(type, 3) : null];
                Assert.True(Check(new Interleave { Strides = [3], Trim = [2] }, parts) > 0);
                Assert.True(Check(new Interleave { Strides = [3], Trim = [12] }, parts) > 0);
                Assert.True(Check(new Interleave { Strides = [1, 2], Trim = [0, 1] }, [null, Numbered(type, 2, 3, 2, 5), isFilled ? Numbered(type, 3) : null]) > 0);
                Assert.True(Check(new Interleave { Strides = [2, 1, 2], Trim = [3, 1, 0] }, [.. Enumerable.Range(0, 4).Select(p => Numbered(type, 1, 2, 3, 2, 4))]) > 0);
                Assert.True(Check(new Interleave { Strides = [2, 1] }, [Numbered(type, 2, 0, 2, 4), Numbered(type, 2, 0, 2, 4)]) > 0);
            }
            foreach (long diagonal in new[] { long.MinValue, -9, -2, 0, 3, 8, long.MaxValue })
            {
                foreach (bool upper in new[] { true, false })
                {
                    Assert.True(Check(new Trilu { Upper = upper }, [Numbered(type, 2, 3, 5, 7), Tensor.Scalar(diagonal)], fixedFrom: 1) > 0);
                    Assert.True(Check(new Trilu { Upper = upper }, [Numbered(type, 6, 4), Tensor.Scalar(diagonal)], fixedFrom: 1) > 0);
                }
            }
        }
    }

    [Fact]
    public void IndicesReadAndWriteInOrder()
    {
        var random = new Random(8);
        foreach (var type in new[] { ElementType.Float32, ElementType.Float64, ElementType.Int32, ElementType.Int64, ElementType.Float16, ElementType.UInt8 })
        {
            foreach (var reduction in Enum.GetValues<ScatterReduction>())
            {
                int none = reduction == ScatterReduction.None || type is not (ElementType.Float16 or ElementType.UInt8) ? 1 : 0;
                foreach (int axis in new[] { 0, 1, -1 })
                    Assert.Equal(none, Check(new ScatterElements { Axis = axis, Reduction = reduction }, [Numbered(type, 4, 5, 6), Indices(ElementType.Int32, 4, 3, 2, 4), Numbered(type, 3, 2, 4)]));
                Assert.Equal(none, Check(new ScatterND { Reduction = reduction }, [Numbered(type, 4, 4, 9), Indices(ElementType.Int64, 4, 7, 2), Numbered(type, 7, 9)]));
                Assert.Equal(none, Check(new ScatterND { Reduction = reduction }, [Numbered(type, 4, 4), Indices(ElementType.Int64, 4, 2, 3, 2), Numbered(type, 2, 3)]));
                Assert.Equal(none, Check(new ScatterND { Reduction = reduction }, [Numbered(type, 4), Indices(ElementType.Int64, 4, 0, 1), Numbered(type, 0)]));
            }
            foreach (int axis in new[] { 0, -1 }) Assert.Equal(1, Check(new GatherElements { Axis = axis }, [Numbered(type, 4, 5, 6), Indices(ElementType.Int64, 4, 3, 2, 4)]));
            Assert.Equal(1, Check(new GatherND(), [Numbered(type, 4, 4, 9), Indices(ElementType.Int64, 4, 5, 2)]));
            Assert.Equal(1, Check(new GatherND { BatchDims = 1 }, [Numbered(type, 3, 4, 4, 2), Indices(ElementType.Int64, 4, 3, 5, 2)]));
            Assert.Equal(1, Check(new GatherND { BatchDims = 1 }, [Numbered(type, 3, 4, 4), Indices(ElementType.Int64, 4, 3, 2)]));
        }
        foreach (int axis in new[] { 0, 1, -1 }) Assert.Equal(1, Check(new OneHot { Axis = axis }, [Indices(ElementType.Int64, 9, 3, 5), Tensor.Scalar(4L), Tensor.Vector(-1f, 2f)], fixedFrom: 1));

        Tensor Indices(ElementType type, int extent, params int[] dims) => Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => random.NextInt64(-extent, extent))]);
    }

    [Fact]
    public void IndicesOutsideTheDataAreRefused()
    {
        Tensor data = Numbered(ElementType.Float32, 3, 4), wrong = Tensor.From<long>([1, 1], [3]);
        foreach (var (op, inputs) in new (Operator, Tensor[])[] { (new GatherND(), [data, wrong]), (new GatherElements(), [data, wrong]), (new ScatterElements(), [data, wrong, Numbered(ElementType.Float32, 1, 1)]), (new ScatterND(), [data, wrong, Numbered(ElementType.Float32, 1, 4)]) })
        {
            var right = inputs.ToArray();
            right[1] = Tensor.From<long>([1, 1], [2]);
            var request = KernelProbe.Request(op, right, Evaluation.RunMany(op, 1, right), new bool[right.Length]);
            var kernel = KernelTable.Find(request)!.Create(request);
            Assert.Contains("index 3 lies outside [-3, 2]", Assert.Throws<InvalidInputException>(() => KernelProbe.Run(kernel, request, inputs, reversed: false)).Message);
        }
    }

    [Fact]
    public void RankingBreaksTiesByIndexAndPutsNaNOnTop()
    {
        foreach (var type in new[] { ElementType.Float32, ElementType.Float64, ElementType.Int32, ElementType.Int64 })
        {
            foreach (int[] dims in new int[][] { [1], [9], [3, 17], [2, 12, 5], [4, 0], [0, 3] })
            {
                for (int axis = 0; axis < dims.Length; axis++)
                {
                    var data = Few(type, dims);
                    foreach (bool flag in new[] { true, false })
                    {
                        if (dims[axis] > 0)
                        {
                            Assert.Equal(1, Check(new ArgMax { Axis = axis, SelectLastIndex = flag, KeepDims = !flag }, [data]));
                            Assert.Equal(1, Check(new ArgMin { Axis = axis - dims.Length, SelectLastIndex = flag }, [data]));
                        }
                        foreach (int k in new[] { 0, 1, dims[axis] / 2, dims[axis] })
                        {
                            if (k <= dims[axis]) Assert.Equal(1, Check(new TopK { Axis = axis, Largest = flag }, [data, Tensor.Vector((long)k)], fixedFrom: 1, outputs: 2));
                        }
                        foreach (bool reverse in new[] { true, false })
                        {
                            Assert.Equal(1, Check(new CumSum { Exclusive = flag, Reverse = reverse }, [data, Tensor.Scalar(axis)], fixedFrom: 1));
                            Assert.Equal(1, Check(new CumProd { Exclusive = flag, Reverse = reverse }, [data, Tensor.Scalar(axis)], fixedFrom: 1));
                        }
                    }
                }
            }
        }

        static Tensor Few(ElementType type, int[] dims)
        {
            var random = new Random(dims.Length);
            return Tensor.FromDoubles(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => random.Next(9) switch { 0 when type.IsFloat() => double.NaN, 1 when type.IsFloat() => double.NegativeInfinity, 2 => -0.0, var x => x - 4 })]);
        }
    }

    [Fact]
    public void ResizingTakesTheSameNeighbours()
    {
        var random = new Random(12);
        foreach (var mode in Enum.GetValues<Interpolation>())
        {
            foreach (var transformation in Enum.GetValues<CoordinateTransformation>())
            {
                foreach (bool option in new[] { false, true })
                {
                    var op = new Resize { Mode = mode, Transformation = transformation, NearestMode = option ? NearestMode.Floor : NearestMode.RoundPreferFloor, Antialias = option && mode != Interpolation.Nearest, ExcludeOutside = option && mode == Interpolation.Cubic };
                    var roi = transformation == CoordinateTransformation.TfCropAndResize ? Tensor.Vector(0f, 0, 0, -0.2f, 1, 1, 0.8f, 1.1f) : null;
                    foreach (long[] sizes in new long[][] { [1, 2, 10, 42], [1, 2, 3, 8], [1, 2, 5, 21], [1, 2, 1, 1], [1, 3, 7, 20], [1, 2, 0, 4] })
                        Assert.True(Check(op, [KernelProbe.Draw(random, 1, 2, 5, 21), roi, null, Tensor.Vector<long>(sizes)], fixedFrom: 1, bound: 4e-6) > 0);
                    Assert.True(Check(op, [KernelProbe.Draw(random, 1, 2, 5, 21), roi, Tensor.Vector(1, 1, 2, 1.7f)], fixedFrom: 1, bound: 4e-6) > 0);
                }
            }
        }
        Assert.True(Check(new Resize { Mode = Interpolation.Nearest }, [Numbered(ElementType.UInt8, 2, 3, 4, 5), null, Tensor.Vector(1f, 1, 3, 2)], fixedFrom: 1) > 0);
    }

    [Fact]
    public void ManyOperandsAreTakenOneAfterTheOther()
    {
        foreach (Operator op in new Operator[] { new Sum(), new Max(), new Min() })
        {
            Assert.True(Check(op, [Numbered(ElementType.Float32, 3, 1, 70), Numbered(ElementType.Float32, 5, 1), Numbered(ElementType.Float32, 70), Numbered(ElementType.Float32)]) > 0);
            Assert.True(Check(op, [Numbered(ElementType.Float32, 0, 7), Numbered(ElementType.Float32, 7), Numbered(ElementType.Float32, 1)]) > 0);
        }
    }

    private static Tensor Numbered(ElementType type, params int[] dims) => Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(i => (i * 7L % 23) - 3)]);

    /// <summary>Runs every row that takes the layer, with all operands from the <paramref name="fixedFrom"/>th on constant; returns how many there are.</summary>
    internal static int Check(Operator op, Tensor?[] inputs, int fixedFrom = int.MaxValue, double bound = 0, int outputs = 1)
    {
        var expected = Evaluation.RunMany(op, outputs, inputs);
        var request = KernelProbe.Request(op, inputs, expected, [.. inputs.Select((_, i) => i >= fixedFrom)]);
        int rows = 0;
        foreach (var row in KernelTable.Supporting(request))
        {
            rows++;
            var kernel = row.Create(request);
            var results = KernelProbe.Run(kernel, request, inputs, reversed: false);
            var again = KernelProbe.Run(kernel, request, inputs, reversed: true);
            for (int o = 0; o < expected.Length; o++)
            {
                Assert.True(results[o].BitEquals(again[o]), $"{row.Name}: output {o} depends on the order of parts");
                double[] wanted = expected[o].ToDoubles(), got = results[o].ToDoubles();
                for (int i = 0; i < wanted.Length; i++)
                {
                    bool same = wanted[i].Equals(got[i]) || Math.Abs(got[i] - wanted[i]) <= bound;
                    Assert.True(same, $"{row.Name}, {op}, inputs {string.Join(" ", inputs.Select(t => t?.ToString() ?? "-"))}: element {i} of output {o} is {got[i]:R}, expected {wanted[i]:R}");
                }
            }
        }
        return rows;
    }
}
