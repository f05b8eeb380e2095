using Strata.Bitstream.Codecs;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Codecs of ternary, packed and sparse tensors and of scales: exact, of the length that is said, and strict.</summary>
public class WeightCodecTests
{
    private static readonly TensorCodec Flags = new TernaryFlagCodec(), Digits = new TernaryBaseCodec(), Packed = new PackedCodec(), Bitmap = new BitmapCodec(), Scales = new ScaleCodec();

    [Fact]
    public void EveryPairAndEveryLengthOfTernaryComesBack()
    {
        foreach (var type in new[] { ElementType.Int2, ElementType.Int4, ElementType.Int8 })
        {
            for (int length = 0; length <= 40; length++)
            {
                // All nine pairs, each at every place.
                for (int pair = 0; pair < 9; pair++)
                {
                    var tensor = Tensor.FromInt64s(type, [length], [.. Enumerable.Range(0, length).Select(i => (long)((i / 2 + pair) % 9 / (i % 2 == 0 ? 3 : 1) % 3 - 1))]);
                    foreach (var codec in new[] { Flags, Digits }) AssertComesBack(codec, tensor);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    public void FlagsAndPairsTakeExactlyTheirBits(double zeros)
    {
        var random = new Random(3);
        for (int length = 1; length < 3000; length += 37)
        {
            sbyte[] values = [.. Enumerable.Range(0, length).Select(_ => (sbyte)(random.NextDouble() < zeros ? 0 : random.Next(2) * 2 - 1))];
            int pairs = (length + 1) / 2, others = values.Chunk(2).Count(p => p.Any(v => v != 0));
            Assert.Equal((pairs + 7) / 8 + (3 * others + 7) / 8, Flags.Encode(Tensor.Vector<sbyte>(values)).Length);
            Assert.Equal((length + 4) / 5, Digits.Encode(Tensor.Vector<sbyte>(values)).Length);
        }
    }

    [Fact]
    public void OtherNumbersAreNotTernary()
    {
        Assert.True(Flags.Encode(Tensor.Vector<sbyte>(0, 1, 2)).IsEmpty);
        Assert.True(Digits.Encode(Tensor.Vector<sbyte>(-2)).IsEmpty);
    }

    [Fact]
    public void BitsAndBytesThatMeanNothingAreRefused()
    {
        Refuse(Flags, [0b10, 0], 1); // a flag beyond the pairs
        Refuse(Flags, [1], 2); // no pair
        Refuse(Flags, [1, 0b1000], 2); // a bit behind the pairs
        Refuse(Flags, [1, 0], 1); // (0, 1), and there is one element
        Refuse(Flags, [0, 0], 2);
        Refuse(Digits, [243], 5);
        Refuse(Digits, [3], 1);
        Refuse(Packed, [2, 0, 0b1_0000], 2); // a bit behind the last symbol
        Refuse(Packed, [2, 254 & 0x7F, 1, 3], 1);
        Refuse(Packed, [9, 0, 0, 0], 1);

        static void Refuse(TensorCodec codec, byte[] payload, int count) => Assert.Throws<StrataFormatException>(() =>
        {
            codec.CheckLength(ElementType.Int8, count, payload.Length);
            codec.Decode(payload, ElementType.Int8, [count]);
        });
    }

    [Fact]
    public void EveryWidthIsPacked()
    {
        var random = new Random(6);
        foreach (var type in ElementTypes.All.Where(Symbols.Suits))
        {
            int symbols = Symbols.CountOf(type);
            for (int span = 1; span <= symbols; span *= 2)
            {
                int least = random.Next(symbols - span + 1);
                foreach (int count in new[] { 1, 7, 64, 501 })
                {
                    byte[] drawn = [.. Enumerable.Range(0, count).Select(i => (byte)(least + (i == 0 ? 0 : i == 1 ? span - 1 : random.Next(span))))];
                    var tensor = Symbols.ToTensor(drawn, type, [count]);
                    AssertComesBack(Packed, tensor);
                    Assert.InRange(Packed.Encode(tensor).Length, 0, 3 + (count * System.Numerics.BitOperations.Log2((uint)(2 * span - 1)) + 7) / 8);
                }
            }
        }
    }

    [Fact]
    public void SparseTensorsOfEveryTypeComeBack()
    {
        var random = new Random(7);
        foreach (var type in ElementTypes.All.Where(BitmapCodec.Suits))
        {
            foreach (int count in new[] { 1, 9, 64, 1000, 5003 })
            {
                byte[] bytes = new byte[type.ByteCount(count)];
                int size = type.Bits() / 8;
                for (int i = 0; i < count; i++)
                {
                    if (random.Next(4) == 0) random.NextBytes(bytes.AsSpan(i * size, size));
                }
                AssertComesBack(Bitmap, Tensor.FromBytes(type, [count], bytes), mayBeNone: true);
                AssertComesBack(Bitmap, Tensor.Zeros(type, count));
            }
        }
    }

    [Fact]
    public void SparseFloatsTakeTheirMapAndTheirOwnBytes()
    {
        var random = new Random(9);
        float[] values = [.. Enumerable.Range(0, 40_000).Select(_ => random.Next(10) == 0 ? BitConverter.Int32BitsToSingle(random.Next()) : 0f)];
        double map = 40_000 / 8.0 * 0.469, own = values.Count(v => BitConverter.SingleToInt32Bits(v) != 0) * 4;
        Assert.InRange(Bitmap.Encode(Tensor.Vector(values)).Length, 0.97 * (map + own), 1.02 * (map + own));
        Assert.True(Bitmap.Encode(Tensor.Vector(1f, -0f, 0f)).IsEmpty); // −0 is no zero
    }

    public static TheoryData<ElementType> ScaleTypes => [.. ElementTypes.All.Where(ScaleCodec.Suits)];

    [Theory]
    [MemberData(nameof(ScaleTypes))]
    public void ScalesOnTheGridComeBack(ElementType type)
    {
        var random = new Random(10);
        foreach (int[] dims in (int[][])[[1], [30], [20, 9], [64, 40], [3, 4, 5]])
        {
            int count = dims.Aggregate(1, (a, b) => a * b);
            double[] values = [.. Enumerable.Range(0, count).Select(i => (8 + random.Next(8)) * Math.Pow(2, -10 - i % 3 - random.Next(2)))];
            AssertComesBack(Scales, Tensor.FromDoubles(type, dims, values, saturate: true));
        }
        Assert.True(Scales.Encode(Tensor.FromDoubles(type, [2], [1, 1 + 1 / 16.0], saturate: true)).IsEmpty);
        Assert.True(Scales.Encode(Tensor.FromDoubles(type, [2], [1, -1], saturate: true)).IsEmpty);
    }

    // Eight steps to an octave, those of rows alike: what differs within rows is what they take.
    [Fact]
    public void ScalesTakeTheEntropyOfTheirSteps()
    {
        var random = new Random(11);
        float[] values = [.. Enumerable.Range(0, 100 * 60).Select(i => (8 + random.Next(4)) * MathF.Pow(2, -8 - i / 60 % 2))];
        Assert.InRange(8.0 * Scales.Encode(Tensor.From<float>([100, 60], values)).Length / values.Length, 2, 3.2);
    }

    [Fact]
    public void DamagedPayloadsAreRefusedOrDecodeToSomethingOfTheType()
    {
        var random = new Random(13);
        sbyte[] ternary = [.. Enumerable.Range(0, 333).Select(_ => (sbyte)(random.Next(3) - 1))];
        float[] sparse = [.. Enumerable.Range(0, 700).Select(i => i % 5 == 0 ? random.NextSingle() : 0)], scales = [.. Enumerable.Range(0, 300).Select(i => (8 + i * i % 8) / 64f)];
        foreach (var (codec, tensor) in new (TensorCodec, Tensor)[] { (Flags, Tensor.Vector<sbyte>(ternary)), (Digits, Tensor.Vector<sbyte>(ternary)), (Packed, Tensor.Vector<sbyte>(ternary)), (Bitmap, Tensor.Vector(sparse)), (Scales, Tensor.Vector(scales)) })
        {
            byte[] payload = codec.Encode(tensor).ToArray();
            for (int round = 0; round < 2000; round++)
            {
                byte[] damaged = round % 2 == 0 ? payload[..random.Next(payload.Length)] : [.. payload];
                if (damaged.Length > 0) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                try
                {
                    codec.CheckLength(tensor.ElementType, tensor.Count, damaged.Length);
                    Assert.Equal(tensor.Count, codec.Decode(damaged, tensor.ElementType, tensor.Dims.AsSpan()).Count);
                }
                catch (StrataFormatException)
                {
                    // as it should be
                }
            }
        }
    }

    // No way to store codes of few bits is shorter than the one that is chosen.
    [Fact]
    public void TheShortestPayloadIsChosen()
    {
        var random = new Random(14);
        foreach (double zeros in new[] { 0.2, 0.5, 0.8, 0.97 })
        {
            foreach (int count in new[] { 100, 400, 3000, 60_000 })
            {
                var tensor = Tensor.FromInt64s(ElementType.Int2, [count / 20, 20], [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < zeros ? 0L : random.Next(2) * 2 - 1)]);
                var builder = new Strata.Networks.NetworkBuilder("one");
                builder.Output("w", builder.Constant(tensor, "w"));
                using var file = EncodedFile.Open(EncodedFile.Encode(builder.Build()));
                var record = file.Header.Constants.Single();
                Assert.True(tensor.BitEquals(record.Constant.Materialize()));
                if (record.IsInline) continue;
                Assert.Equal(TensorCodec.Shortening(tensor.ElementType, tensor.Count).Select(c => c.Encode(tensor).Length).Where(l => l > 0).Append(tensor.Bytes.Length).Min(), record.Bytes);
            }
        }
    }

    private static void AssertComesBack(TensorCodec codec, Tensor tensor, bool mayBeNone = false)
    {
        byte[] payload = codec.Encode(tensor).ToArray();
        if (payload.Length == 0 && (mayBeNone || tensor.Count == 0)) return;
        codec.CheckLength(tensor.ElementType, tensor.Count, payload.Length);
        Assert.True(tensor.BitEquals(codec.Decode(payload, tensor.ElementType, tensor.Dims.AsSpan())), $"{codec.Name} of {tensor}");
    }
}
