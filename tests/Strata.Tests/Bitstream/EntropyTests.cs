using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;

namespace Strata.Tests.Bitstream;

/// <summary>Frequency tables and the coder on them, symbol by symbol.</summary>
public class EntropyTests
{
    public static IEnumerable<object[]> Lengths =>
        from lanes in new[] { 1, 4, 32 } from length in new[] { 1, 3, 31, 32, 33, 255, 4096, 10_007 } select new object[] { lanes, length };

    [Theory]
    [MemberData(nameof(Lengths))]
    public void EveryPathDecodesWhatWasEncoded(int lanes, int length)
    {
        var random = new Random(lanes * 100_003 + length);
        foreach (double skew in new[] { 0.02, 0.5, 0.97 })
        {
            byte[] symbols = Geometric(random, length, skew);
            var table = FrequencyTable.Of(symbols);
            if (RansEncoder.Encode(symbols, table, lanes) is not { } stream) continue;
            foreach (int vectorBytes in new[] { 0, 32, 64 })
            {
                if (!IsSupported(vectorBytes)) continue;
                foreach (int run in new[] { length, 64 })
                {
                    byte[] decoded = new byte[length];
                    var decoder = new RansDecoder(stream, table, lanes, vectorBytes);
                    for (int i = 0; i < length; i += run) decoder.Read(decoded.AsSpan(i, Math.Min(run, length - i)));
                    decoder.End();
                    Assert.Equal(symbols, decoded);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.8)]
    [InlineData(0.95)]
    public void CodedSizeIsWithinOnePercentOfTheEntropy(double skew)
    {
        byte[] symbols = Geometric(new Random(5), 1_000_000, skew);
        double entropy = symbols.GroupBy(s => s).Sum(g => -g.Count() * Math.Log2(g.Count() / (double)symbols.Length)) / 8;
        var table = FrequencyTable.Of(symbols);
        Assert.InRange(RansEncoder.Encode(symbols, table, 32)!.Length, entropy, entropy * 1.01 + 130);
        Assert.InRange(table.EstimateBytes(symbols), entropy * 0.999, entropy * 1.01);
    }

    [Fact]
    public void ATableIsReadAsItWasWritten()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            byte[] symbols = new byte[random.Next(1, 3000)];
            int alphabet = random.Next(1, 257);
            foreach (ref byte symbol in symbols.AsSpan()) symbol = (byte)random.Next(alphabet);
            FrequencyTable? table = FrequencyTable.Of(symbols), read = null;
            Assert.Equal(FrequencyTable.Total, table.Shares.ToArray().Sum(s => s));
            Assert.All(symbols, s => Assert.NotEqual(0, table.Shares[s]));
            var writer = new SyntaxWriter();
            FrequencyTable.Walk(writer, ref table);
            FrequencyTable.Walk(new SyntaxReader(writer.Written, "table"), ref read);
            Assert.Equal(table!.Shares.ToArray(), read!.Shares.ToArray());
        }
    }

    [Fact]
    public void DamagedStreamsAreRefusedAndAllPathsAgree()
    {
        var random = new Random(11);
        byte[] symbols = Geometric(random, 5000, 0.6);
        var table = FrequencyTable.Of(symbols);
        byte[] stream = RansEncoder.Encode(symbols, table, 32)!;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = round % 2 == 0 ? stream[..random.Next(stream.Length)] : [.. stream];
            if (damaged.Length > 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            var plain = Outcome(damaged, table, symbols.Length, 0);
            Assert.Null(plain);
            foreach (int vectorBytes in new[] { 32, 64 })
            {
                if (IsSupported(vectorBytes)) Assert.Equal(plain, Outcome(damaged, table, symbols.Length, vectorBytes));
            }
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0xFF, 1 })] // 255 zeros after symbol 0, and nothing sums to the total
    [InlineData(new byte[] { 0x81, 0x20 })] // 4,097
    [InlineData(new byte[] { 0, 0x80, 0x02 })] // 256 more zeros
    [InlineData(new byte[] { 1 })]
    public void ImpossibleTablesAreRefused(byte[] bytes)
    {
        FrequencyTable? table = null;
        Assert.Throws<StrataFormatException>(() => FrequencyTable.Walk(new SyntaxReader(bytes, "table"), ref table));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void FieldsAreDecodedAsTheyWereCodedAndDamageIsRefused(int minorVersion)
    {
        var random = new Random(17);
        for (int round = 0; round < 40; round++)
        {
            var fields = new List<FieldStart>();
            var bytes = new List<byte>();
            for (int f = random.Next(0, 60); f >= 0; f--)
            {
                fields.Add(new(bytes.Count, $"field{random.Next(5)}", random.Next(2) == 0));
                int alphabet = random.Next(1, 257);
                for (int k = random.Next(1, 40); k > 0; k--) bytes.Add((byte)random.Next(alphabet));
            }
            byte[] plain = [.. bytes], stream = FieldEncoder.Encode(plain, fields, minorVersion);
            Assert.InRange(stream.Length, 4, plain.Length * 5 / 4 + 32);
            Assert.Equal(plain, DecodeFields(stream, fields, plain.Length, minorVersion));
            byte[] damaged = random.Next(2) == 0 ? [.. stream] : [.. stream[..random.Next(stream.Length)]];
            if (damaged.Length > 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<StrataFormatException>(() => DecodeFields(damaged, fields, plain.Length, minorVersion));
        }
    }

    private static byte[] DecodeFields(byte[] stream, List<FieldStart> fields, int length, int minorVersion)
    {
        var decoder = new FieldDecoder(stream, length, minorVersion);
        var bytes = new byte[length];
        for (int f = 0; f < fields.Count; f++)
        {
            decoder.Begin(fields[f].Name, fields[f].IsText);
            decoder.Read(bytes.AsSpan(fields[f].Position..(f + 1 < fields.Count ? fields[f + 1].Position : length)));
        }
        decoder.End();
        return bytes;
    }

    private static byte[]? Outcome(byte[] stream, FrequencyTable table, int length, int vectorBytes)
    {
        try
        {
            byte[] symbols = new byte[length];
            var decoder = new RansDecoder(stream, table, 32, vectorBytes);
            decoder.Read(symbols);
            decoder.End();
            return symbols;
        }
        catch (StrataFormatException)
        {
            return null;
        }
    }

    private static bool IsSupported(int vectorBytes) => vectorBytes switch
    {
        64 => System.Runtime.Intrinsics.X86.Avx512F.IsSupported,
        32 => System.Runtime.Intrinsics.X86.Avx2.IsSupported,
        _ => true,
    };

    // Symbol s with probability proportional to skewˢ, in a scattered order.
    private static byte[] Geometric(Random random, int length, double skew)
    {
        byte[] symbols = new byte[length];
        foreach (ref byte symbol in symbols.AsSpan()) symbol = (byte)(167 * Math.Min(255, (int)(Math.Log(1 - random.NextDouble()) / Math.Log(skew))));
        return symbols;
    }
}
