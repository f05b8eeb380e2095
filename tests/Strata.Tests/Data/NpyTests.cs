using System.IO.Compression;
using System.Text;
using Strata.Compiler.Data;
using Strata.Tensors;

namespace Strata.Tests.Data;

public class NpyTests
{
    public static TheoryData<ElementType> Types => [.. ElementTypes.All.Where(NpyFile.CanHold)];

    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeRoundTrips(ElementType type)
    {
        int[][] shapes = [[], [0], [1], [7], [2, 3], [2, 0, 3], [2, 1, 3, 2]];
        foreach (int[] dims in shapes)
        {
            int count = dims.Aggregate(1, (a, b) => a * b);
            var tensor = type == ElementType.String
                ? Tensor.FromStrings(dims, [.. Enumerable.Range(0, count).Select(i => i % 3 == 0 ? "" : $"größe {i} 🙂")])
                : Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, count).Select(i => (long)i - 3)]);
            Assert.True(tensor.BitEquals(NpyFile.Read(Bytes(tensor))), tensor.ToString());
        }
    }

    [Fact]
    public void TheHeaderIsNumPysOwn()
    {
        byte[] bytes = Bytes(Tensor.From<float>([2, 3], [1, 2, 3, 4, 5, 6]));
        string header = Encoding.Latin1.GetString(bytes, 0, 128);
        Assert.StartsWith("\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", header);
        Assert.EndsWith(" \n", header);
        Assert.Equal(128 + 24, bytes.Length);
    }

    [Fact]
    public void FortranOrderAndBigEndianAreConverted()
    {
        byte[] data = [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6];
        var tensor = NpyFile.Read([.. File("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }"), .. data]);
        Assert.True(tensor.BitEquals(Tensor.From<short>([2, 3], [1, 2, 3, 4, 5, 6])), string.Join(' ', tensor.ToInt64s()));
    }

    [Fact]
    public void BytesBecomeText()
    {
        var tensor = NpyFile.Read([.. File("{'descr': '|S3', 'fortran_order': False, 'shape': (2,)}"), .. "abcd\0\0"u8]);
        Assert.Equal(["abc", "d"], tensor.Strings.ToArray());
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000,), }", "needs 4000000 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2000000000, 2000000000), }", "more than")]
    [InlineData("{'descr': '<U0', 'fortran_order': False, 'shape': (2000000000,), }", "empty strings")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "more than 8 dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "a dimension from 0")]
    [InlineData("{'descr': 'O', 'fortran_order': False, 'shape': (1,), }", "'O' is not supported")]
    [InlineData("{'descr': '<V2', 'fortran_order': False, 'shape': (1,), }", ".pb")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "structured")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }", "are all needed")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", "True or False")]
    [InlineData("{'descr': '<f4", "does not end")]
    [InlineData("", "'{' is expected")]
    public void MalformedFilesAreRefused(string header, string reason)
    {
        var error = Assert.ThrowsAny<StrataException>(() => NpyFile.Read(File(header), "bad.npy"));
        Assert.StartsWith("bad.npy", error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] bytes = Bytes(Tensor.From<double>([3], [1, 2, 3]));
        for (int length = 0; length < bytes.Length; length++) Assert.Throws<StrataFormatException>(() => NpyFile.Read(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void ArchivesRoundTripAndAreTheSameEveryTime()
    {
        KeyValuePair<string, Tensor>[] tensors = [new("a", Tensor.Vector(1f, 2f)), new("folder/b", Tensor.FromStrings([1], "x"))];
        byte[] first = Archive(tensors);
        Assert.Equal(first, Archive(tensors));
        var read = NpzFile.Read(new MemoryStream(first), "x.npz", 1 << 20);
        Assert.Equal(tensors.Select(t => t.Key), read.Select(t => t.Key));
        Assert.All(tensors.Zip(read), p => Assert.True(p.First.Value.BitEquals(p.Second.Value)));
    }

    [Fact]
    public void AnArchiveMayNotUnpackBeyondItsLimit()
    {
        using var bomb = new MemoryStream();
        using (var zip = new ZipArchive(bomb, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("zeros.npy", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1 << 24]);
        }
        Assert.Throws<ResourceLimitException>(() => NpzFile.Read(bomb, "bomb.npz", 1 << 20));
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[0])]
    public void WhatIsNoArchiveIsRefused(byte[] bytes) => Assert.Throws<StrataFormatException>(() => NpzFile.Read(new MemoryStream(bytes), "x.npz", 1 << 20));

    private static byte[] Bytes(Tensor tensor)
    {
        using var file = new MemoryStream();
        NpyFile.Write(file, tensor);
        return file.ToArray();
    }

    private static byte[] Archive(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var file = new MemoryStream();
        NpzFile.Write(file, tensors);
        return file.ToArray();
    }

    private static byte[] File(string header) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header)];
}
