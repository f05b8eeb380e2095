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
