using Strata.Bitstream.Codecs;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Byte planes: bit-exact for every element type, and as small as the exponents allow.</summary>
public class PlaneCodecTests
{
    private static readonly PlaneCodec Codec = new();

    public static TheoryData<ElementType> Types => [.. ElementTypes.All.Where(PlaneCodec.Suits)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryBitComesBack(ElementType type)
    {
        var random = new Random((int)type);
        foreach (int count in new[] { 0, 1, 5, 63, 64, 1000, 4096, 4097, 9001, type.Bits() <= 8 ? (1 << 18) + 77 : 0 })
        {
            foreach (int kind in Enumerable.Range(0, 3))
            {
                // Any bits (NaN payloads and −0 among them), skewed ones, and all the same.
                byte[] bytes = new byte[type.ByteCount(count)];
                if (kind == 0) random.NextBytes(bytes);
                else if (kind == 1) foreach (ref byte b in bytes.AsSpan()) b = (byte)Math.Min(random.Next(6), random.Next(6));
                else bytes.AsSpan().Fill(0xA5);
                var tensor = Tensor.FromBytes(type, [count], bytes);
                byte[] payload = Codec.Encode(tensor).ToArray();
                if (payload.Length <= bytes.Length) Codec.CheckLength(type, count, payload.Length);
                Assert.True(tensor.BitEquals(Codec.Decode(payload, type, [count])), $"{count} elements, kind {kind}");
            }
        }
    }

    [Fact]
    public void FloatsCostTheirMantissaAndTheEntropyOfTheirExponent()
    {
        float[] weights = Weights(100_000);
        Assert.InRange(Share(Tensor.Vector(weights)), 0.70, 0.84);
        Assert.InRange(Share(Tensor.FromDoubles(ElementType.BFloat16, [weights.Length], [.. weights.Select(w => (double)w)], saturate: true)), 0.60, 0.68);
        Assert.InRange(Share(Tensor.Vector<float>([.. weights.Select(w => (float)(Half)w)])), 0.38, 0.44);
    }

    [Fact]
    public void DamagedPayloadsAreRefusedOrDecodeToSomethingOfTheType()
    {
        var random = new Random(8);
        byte[] payload = Codec.Encode(Tensor.Vector(Weights(3000))).ToArray();
        for (int round = 0; round < 3000; round++)
        {
            byte[] damaged = round % 2 == 0 ? payload[..random.Next(payload.Length)] : [.. payload];
            if (damaged.Length > 0) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.Equal(3000, Codec.Decode(damaged, ElementType.Float32, [3000]).Count);
            }
            catch (StrataFormatException)
            {
                // as it should be
            }
        }
    }

    private static double Share(Tensor tensor) => (double)Codec.Encode(tensor).Length / tensor.Bytes.Length;

    // Sums of twelve uniform numbers: nearly normal.
    private static float[] Weights(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(0.05 * (Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)))];
    }
}
