using System.Runtime.Intrinsics.X86;
using Strata.Bitstream.Codecs;
using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Entropy;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Symbols under tables of classes: exact for every type of few bits, as small as scales allow, alike on every path.</summary>
public class ClassCodecTests
{
    private static readonly ClassCodec Codec = new();

    public static TheoryData<ElementType> Types => [.. ElementTypes.All.Where(Symbols.Suits)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryElementComesBack(ElementType type)
    {
        var random = new Random((int)type);
        foreach (int[] dims in (int[][])[[1], [], [5], [1, 1, 7], [300], [16, 16], [64, 40], [1, 200, 33], [40, 8, 3, 3], [600, 70], [2, 3, 5, 7, 11]])
        {
            int count = dims.Aggregate(1, (n, d) => n * d);
            foreach (int kind in Enumerable.Range(0, 4))
            {
                var tensor = Draw(random, type, dims, count, kind);
                byte[] payload = Codec.Encode(tensor).ToArray();
                Codec.CheckLength(type, count, payload.Length);
                Assert.True(tensor.BitEquals(Codec.Decode(payload, type, dims)), $"[{string.Join(", ", dims)}], kind {kind}");
                AssertPathsAgree(payload, type, dims);
            }
        }
    }

    [Fact]
    public void SeveralTilesComeBack()
    {
        var random = new Random(4);
        int[] dims = [3, ClassCodec.TileSymbols / 2];
        byte[] symbols = new byte[dims[0] * dims[1]];
        foreach (ref byte symbol in symbols.AsSpan()) symbol = (byte)(random.Next(16) == 0 ? random.Next(4) : 1);
        var payload = ClassCodec.Encode(symbols, 4, dims);
        Assert.InRange(payload.Length, symbols.Length / 25, symbols.Length / 20);
        Assert.Equal(symbols, ClassCodec.Decode(payload, 4, dims));
    }

    // Rows and columns whose scales differ by factors: the entropy of each symbol under its own scale is what counts.
    [Theory]
    [InlineData(256, 120, 300)]
    [InlineData(16, 400, 90)]
    public void ScalesOfRowsAndColumnsAreUsed(int symbolCount, int rows, int columns)
    {
        var random = new Random(rows);
        double[] rowScales = [.. Enumerable.Range(0, rows).Select(_ => Math.Exp(random.NextDouble() - 0.5))], columnScales = [.. Enumerable.Range(0, columns).Select(_ => Math.Exp(2 * random.NextDouble() - 1))];
        var symbols = new byte[rows * columns];
        double ideal = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            double scale = symbolCount / 16.0 * rowScales[i / columns] * columnScales[i % columns];
            double normal = Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
            symbols[i] = (byte)Math.Clamp((int)Math.Round(normal * scale) + symbolCount / 2, 0, symbolCount - 1);
            ideal += Math.Log2(Math.Max(1, scale * Math.Sqrt(2 * Math.PI * Math.E)));
        }
        double plain = symbols.GroupBy(s => s).Sum(g => -g.Count() * Math.Log2(g.Count() / (double)symbols.Length));
        int coded = 8 * ClassCodec.Encode(symbols, symbolCount, [rows, columns]).Length;
        Assert.InRange(coded, 0.9 * ideal, 0.4 * plain + 0.6 * ideal + 500);
    }

    [Fact]
    public void FewSymbolsTakeLittleMoreThanTheirEntropy()
    {
        var random = new Random(12);
        byte[] symbols = new byte[1500];
        foreach (ref byte symbol in symbols.AsSpan()) symbol = (byte)Math.Clamp(128 + (int)(20 * (Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)), 0, 255);
        double bits = 1500 * Math.Log2(20 * Math.Sqrt(2 * Math.PI * Math.E)) + 300;
        Assert.InRange(8.0 * ClassCodec.Encode(symbols, 256, [10, 150]).Length, bits * 0.9, bits * 1.01);
    }

    [Fact]
    public void DamagedPayloadsAreRefusedOrDecodeAlikeOnEveryPath()
    {
        var random = new Random(8);
        foreach (int[] dims in (int[][])[[20, 15], [40, 40], [260, 130]])
        {
            var tensor = Draw(random, ElementType.Int4, dims, dims[0] * dims[1], 3);
            byte[] payload = Codec.Encode(tensor).ToArray();
            for (int round = 0; round < 1500; round++)
            {
                byte[] damaged = round % 2 == 0 ? payload[..random.Next(payload.Length)] : [.. payload];
                if (damaged.Length > 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                AssertPathsAgree(damaged, ElementType.Int4, dims);
            }
        }
    }

    [Fact]
    public void IntegersComeBack()
    {
        var random = new Random(5);
        var writer = new IntegerWriter();
        var meter = new IntegerMeter();
        int[] values = [0, 1, IntegerSyntax.Most, IntegerSyntax.Most - 1, .. Enumerable.Range(0, 500).Select(_ => random.Next() >> random.Next(31))];
        for (int i = 0; i < values.Length; i++)
        {
            int value = values[i], signed = i % 2 == 0 ? value >> 1 : -(value >> 1);
            foreach (IntegerSyntax syntax in (IntegerSyntax[])[writer, meter])
            {
                syntax.Unsigned(i % 5, ref value);
                syntax.Signed(9, ref signed);
            }
        }
        double bits = meter.Bits / 65536.0;
        byte[] stream = writer.End();
        Assert.InRange(8 * stream.Length, bits * 0.999, bits * 1.001 + 48);
        var reader = new IntegerReader(stream);
        for (int i = 0; i < values.Length; i++)
        {
            int value = 0, signed = 0;
            reader.Unsigned(i % 5, ref value);
            reader.Signed(9, ref signed);
            Assert.Equal((values[i], i % 2 == 0 ? values[i] >> 1 : -(values[i] >> 1)), (value, signed));
        }
        reader.End();
        Assert.Throws<StrataFormatException>(() =>
        {
            int value = 0;
            reader.Unsigned(0, ref value, 0);
            reader.End();
        });
    }

    // Whoever computes the numbers of curves with binary64 gets these: none is near a tie.
    [Fact]
    public void NumbersOfCurvesAreNotNearTies()
    {
        for (int d = 1; d < 256; d++) Assert.True(IsClear(64 * Math.Log2(d)));
        for (int j = -640; j < 256; j++) Assert.True(IsClear(65536 * Math.Exp(-Math.Pow(2, j / 64.0))));

        static bool IsClear(double value) => Math.Abs(value - Math.Floor(value) - 0.5) > 1e-6;
    }

    [Fact]
    public void CurvesShareTheWhole()
    {
        var random = new Random(2);
        for (int round = 0; round < 3000; round++)
        {
            int symbols = 1 << random.Next(2, 9);
            var curve = new ClassTable.Curve(random.Next(9), random.Next(-16, 81), random.Next(symbols), random.Next(symbols), random.Next(symbols), random.Next(2049), random.Next(2) * random.Next(4097));
            if (ClassTable.Of(symbols, curve) is { } table) Assert.Equal(FrequencyTable.Total, table.Shares.Sum(s => s));
        }
    }

    private static void AssertPathsAgree(byte[] payload, ElementType type, int[] dims)
    {
        byte[]? plain = Outcome(false);
        if (Avx2.IsSupported) Assert.Equal(plain, Outcome(true));

        byte[]? Outcome(bool vectors)
        {
            try
            {
                return ClassCodec.Decode(payload, 1 << type.Bits(), dims, vectors);
            }
            catch (StrataFormatException)
            {
                return null;
            }
        }
    }

    // Any bits; skewed ones; all the same; scales of blocks, rows and columns.
    private static Tensor Draw(Random random, ElementType type, int[] dims, int count, int kind)
    {
        byte[] bytes = new byte[type.ByteCount(count)];
        if (kind == 0) random.NextBytes(bytes);
        else if (kind == 1) foreach (ref byte b in bytes.AsSpan()) b = (byte)Math.Min(random.Next(6), random.Next(6));
        else if (kind == 2) bytes.AsSpan().Fill(0xA5);
        else
        {
            int symbols = 1 << type.Bits(), row = Math.Max(1, dims.Length > 0 ? count / dims[0] : 1);
            byte[] drawn = new byte[count];
            for (int i = 0; i < count; i++)
            {
                double scale = symbols / 8.0 * (1 + i / row % 5) / 5 * (1 + i % row % 7) / 7 / (1 + i / 32 % 3);
                drawn[i] = (byte)Math.Clamp(symbols / 2 + (int)Math.Round(scale * (Enumerable.Range(0, 6).Sum(_ => random.NextDouble()) - 3)), 0, symbols - 1);
            }
            return Symbols.ToTensor(drawn, type, dims);
        }
        return Tensor.FromBytes(type, dims, bytes);
    }
}
