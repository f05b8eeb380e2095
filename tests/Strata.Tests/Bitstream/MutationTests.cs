using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>A damaged file is refused with a typed error, or was damaged where it does not matter; never a crash, never another network.</summary>
public class MutationTests
{
    public static TheoryData<string> Goldens => [.. GoldenNetworks.All.Keys];

    // So that what follows is said of each codec.
    [Fact]
    public void EveryCodecIsInAGoldenFile()
    {
        var stored = GoldenNetworks.All.Keys.SelectMany(name =>
        {
            using var file = EncodedFile.Open(File.ReadAllBytes(GoldenNetworks.PathOf(name)));
            return file.Layers.Prepend(file.Header).SelectMany(l => l.Constants).Select(c => c.Codec).ToArray();
        });
        var codecs = Enumerable.Range(0, 256).Where(Strata.Fuzz.RepositoryFiles.Tables.Codecs.Contains).Select(n => Strata.Bitstream.Codecs.TensorCodec.Get(n).Name);
        Assert.Equal(codecs.Order(), stored.Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void EverySingleBitFlipIsRefusedOrHarmless(string name)
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf(name));
        var network = EncodedFile.Decode(bytes);
        int refused = 0;
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            refused += Survives(bytes, network, $"bit {bit % 8} of byte {bit / 8}") ? 0 : 1;
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.InRange(refused, bytes.Length * 4, bytes.Length * 8); // all but alignment padding
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void EveryTruncationIsRefused(string name)
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf(name));
        using var whole = EncodedFile.Open(bytes);
        long lastNeeded = whole.Layers.Append(whole.Header).Max(l => l.DataBytes == 0 ? 0 : l.DataOffset + l.DataBytes);
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Assert.ThrowsAny<StrataException>(() => EncodedFile.Decode(cut));
            // A stream's end is met only when something behind it is needed: behind the last payload is padding.
            if (length < lastNeeded) Assert.ThrowsAny<StrataException>(() => EncodedNetwork.Open(new MemoryStream(cut)).MaterializeAll());
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void AnythingBehindTheEndIsRefused(string name)
    {
        byte[] bytes = [.. File.ReadAllBytes(GoldenNetworks.PathOf(name)), 0];
        Assert.ThrowsAny<StrataException>(() => EncodedFile.Decode(bytes));
    }

    // With valid checksums the damage reaches the header syntax and the verifier.
    [Theory]
    [MemberData(nameof(Goldens))]
    public void ResealedDamageIsATypedErrorInBoundedMemory(string name)
    {
        byte[] golden = File.ReadAllBytes(GoldenNetworks.PathOf(name));
        var random = new Random(20260101);
        for (int round = 0; round < 4000; round++)
        {
            byte[] bytes = (byte[])golden.Clone();
            for (int edits = random.Next(1, 4); edits > 0; edits--) bytes[random.Next(64, bytes.Length)] = random.Next(4) == 0 ? (byte)255 : (byte)random.Next(256);
            bytes = EncodedFile.Reseal(bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = EncodedFile.Open(bytes);
            }
            catch (StrataException)
            {
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= 1 << 20, $"round {round}: opening {bytes.Length} bytes allocated {allocated}");
        }
    }

    // Random bytes behind a valid prologue, and headers that announce as much as they can.
    [Fact]
    public void OpeningAnyKilobyteAllocatesAtMostAMegabyte()
    {
        var random = new Random(1024);
        byte[] golden = File.ReadAllBytes(GoldenNetworks.PathOf("control-v1"));
        long most = 0;
        for (int round = 0; round < 4000; round++)
        {
            byte[] bytes = new byte[1024];
            random.NextBytes(bytes);
            if (round % 4 != 0) golden.AsSpan(0, random.Next(64, golden.Length)).CopyTo(bytes);
            if (round % 2 == 0) System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), bytes.Length);
            if (round % 3 == 0) bytes = EncodedFile.Reseal(bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var file = EncodedFile.Open(bytes);
            }
            catch (StrataException)
            {
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.InRange(most, 0, 1 << 20);
    }

    // The dearest opening known: shape rules that multiply long formulas, layer after layer.
    [Theory]
    [InlineData(2, 6, ConstantCoding.Raw)]
    [InlineData(3, 4, ConstantCoding.Raw)]
    [InlineData(5, 3, ConstantCoding.Raw)]
    [InlineData(9, 2, ConstantCoding.Raw)]
    [InlineData(2, 6, ConstantCoding.Auto)]
    [InlineData(3, 4, ConstantCoding.Auto)]
    [InlineData(9, 2, ConstantCoding.Auto)]
    public void OpeningAKilobyteOfFormulasAllocatesAtMostAMegabyte(int terms, int rank, ConstantCoding coding)
    {
        Dim[] sums = [.. Enumerable.Range(0, rank).Select(axis => Enumerable.Range(axis * terms, terms).Aggregate(Dim.Zero, (s, i) => s + Dim.Symbol($"{(char)('A' + i)}")))];
        byte[] bytes = [];
        for (int layers = 1; layers < 400; layers++)
        {
            var builder = new NetworkBuilder("");
            var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(sums)));
            for (int i = 0; i < layers; i++) builder.Add(new Flatten { Axis = 0 }, [x], [new OutputSpec($"{i}", new TensorType(ElementType.Float32, [Dim.Symbol("a"), Dim.Symbol("b")]))], "");
            byte[] longer = EncodedFile.Encode(builder.Build(), coding: coding);
            if (longer.Length > 1024) break;
            bytes = longer;
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = EncodedFile.Open(bytes);
        }
        catch (StrataException)
        {
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    // The most objects that coded headers of a kilobyte may describe.
    [Fact]
    public void OpeningAKilobyteOfLayersAllocatesAtMostAMegabyte()
    {
        byte[] bytes = [];
        for (int layers = 1; ; layers++)
        {
            var builder = new NetworkBuilder("");
            for (int i = 0; i < layers; i++) builder.Add(new SequenceEmpty(), [], [], "");
            byte[] longer = EncodedFile.Encode(builder.Build());
            if (longer.Length > 1024) break;
            bytes = longer;
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var file = EncodedFile.Open(bytes)) Assert.InRange(file.Layers.Count, 20, 1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static bool Survives(byte[] bytes, Network expected, string what)
    {
        try
        {
            var network = EncodedFile.Decode(bytes);
            Assert.True(NetworkComparer.FirstDifference(expected, network) is null, $"{what}: the decoded network differs and nothing was said");
            return true;
        }
        catch (StrataException)
        {
            return false;
        }
    }
}
