using Strata.Bitstream.Codecs;
using Strata.Bitstream.Codecs.Floats;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Floats by symbols of exponents and packed rests: bit-exact, smaller than planes, and refused where damaged.</summary>
public class FloatCodecTests
{
    private static readonly FloatCodec Codec = new();

    public static TheoryData<ElementType> Types => [ElementType.Float32, ElementType.Float16, ElementType.BFloat16];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryBitComesBack(ElementType type)
    {
        var random = new Random((int)type);
        foreach (int[] dims in new int[][] { [1], [7], [64], [8, 9, 3, 3], [1000], [37, 113], [4097], [3, 1, 4099] })
        {
            foreach (int kind in Enumerable.Range(0, 5))
            {
                int count = Tensor.CountOf(dims);
                var tensor = kind switch
                {
                    // Any bits (NaN payloads and −0 among them), weights, positive ones, few magnitudes, all the same.
                    0 => Any(random, type, dims),
                    1 => Weights(random, type, dims, w => w),
                    2 => Weights(random, type, dims, Math.Abs),
                    3 => Weights(random, type, dims, w => Math.Round(20 * w) / 20),
                    _ => Tensor.FromDoubles(type, dims, Enumerable.Repeat(-0.0, count).ToArray()),
                };
                byte[] payload = Codec.Encode(tensor).ToArray();
                Codec.CheckLength(type, count, payload.Length);
                Assert.True(tensor.BitEquals(Codec.Decode(payload, type, dims)), $"{Tensor.Format(dims)}, kind {kind}");
            }
        }
    }

    [Fact]
    public void ScalesOfRowsAndColumnsAreUsed()
    {
        var random = new Random(3);
        double[] rows = [.. Enumerable.Range(0, 256).Select(_ => Math.Pow(2, 6 * random.NextDouble()))], columns = [.. Enumerable.Range(0, 256).Select(_ => Math.Pow(2, 6 * random.NextDouble()))];
        double[] weights = [.. from r in rows from c in columns select Normal(random)], scaled = [.. from i in Enumerable.Range(0, weights.Length) select weights[i] * rows[i / 256] * columns[i % 256]];
        double alone = Share(Tensor.FromDoubles(ElementType.Float32, [256, 256], weights)), both = Share(Tensor.FromDoubles(ElementType.Float32, [256, 256], scaled));
        Assert.InRange(alone, 0.81, 0.84);
        Assert.InRange(both, alone, alone + 0.02);
        Assert.InRange((double)TensorCodec.Planes.Encode(Tensor.FromDoubles(ElementType.Float32, [256, 256], scaled)).Length / (4 * scaled.Length), alone + 0.03, 1);
    }

    [Theory]
    [InlineData(ElementType.Float32, 0.82, 0.84)]
    [InlineData(ElementType.BFloat16, 0.64, 0.67)]
    [InlineData(ElementType.Float16, 0.83, 0.86)]
    public void WeightsCostTheirMantissaAndTheEntropyOfTheirExponent(ElementType type, double least, double most) =>
        Assert.InRange(Share(Weights(new Random(1), type, [100_000], w => w)), least, most);

    [Fact]
    public void BitsThatAreAlwaysZeroCostNothing()
    {
        double[] weights = [.. Weights(new Random(1), ElementType.Float16, [100_000], w => w).ToDoubles()];
        Assert.InRange(Share(Tensor.FromDoubles(ElementType.Float32, [weights.Length], weights)), 0.41, 0.43);
    }

    [Fact]
    public void MagnitudesThatRepeatAreNumbersOfAPalette()
    {
        double[] period = [.. Enumerable.Range(0, 400).Select(i => (double)(float)Math.Sin(i * Math.PI / 200))];
        Assert.InRange(Share(Tensor.FromDoubles(ElementType.Float32, [40, 400], [.. Enumerable.Range(0, 40).SelectMany(_ => period)])), 0.1, 0.3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void DamagedPayloadsAreRefusedOrDecodeToSomethingOfTheType(int kind)
    {
        var random = new Random(8);
        byte[] payload = Codec.Encode(Weights(random, ElementType.Float32, [30, 100], kind == 1 ? w => w : w => Math.Round(20 * w) / 20)).ToArray();
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = round % 2 == 0 ? payload[..random.Next(payload.Length)] : [.. payload];
            if (damaged.Length > 0) damaged[random.Next(Math.Min(damaged.Length, round % 3 == 0 ? 60 : int.MaxValue))] = (byte)random.Next(256);
            try
            {
                Assert.Equal(3000, Codec.Decode(damaged, ElementType.Float32, [30, 100]).Count);
            }
            catch (StrataFormatException)
            {
                // as it should be
            }
        }
    }

    [Fact]
    public void EveryWidthIsUnpackedAsItWasPacked()
    {
        var random = new Random(9);
        foreach (int bits in Enumerable.Range(0, 26))
        {
            foreach (int count in new[] { 1, 7, 8, 9, 31, 200 })
            {
                uint[] numbers = [.. Enumerable.Range(0, count).Select(_ => (uint)random.NextInt64(1L << bits))], unpacked = new uint[count];
                byte[] packed = BitPacking.Pack(numbers, bits);
                BitPacking.CheckLength(packed.Length, count, bits);
                BitPacking.Unpack(packed, bits, unpacked);
                Assert.Equal(numbers, unpacked);
            }
        }
    }

    private static double Share(Tensor tensor) => (double)Codec.Encode(tensor).Length / tensor.Bytes.Length;

    private static Tensor Any(Random random, ElementType type, int[] dims)
    {
        var bytes = new byte[type.ByteCount(Tensor.CountOf(dims))];
        random.NextBytes(bytes);
        return Tensor.FromBytes(type, dims, bytes);
    }

    private static Tensor Weights(Random random, ElementType type, int[] dims, Func<double, double> map) =>
        Tensor.FromDoubles(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => map(0.05 * Normal(random)))]);

    // The sum of twelve uniform numbers: nearly normal.
    private static double Normal(Random random) => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
}
