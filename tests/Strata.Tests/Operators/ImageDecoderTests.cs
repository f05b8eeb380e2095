using System.Buffers.Binary;
using System.IO.Compression;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Image files that the tests write themselves; the recorded cases have JPEG and PNM.</summary>
public class ImageDecoderTests
{
    [Theory]
    [InlineData("P1\n# two by one\n2 1\n1 0", new byte[] { 0, 0, 0, 255, 255, 255 })]
    [InlineData("P2 2 1 4\n2 4", new byte[] { 128, 128, 128, 255, 255, 255 })]
    [InlineData("P3 1 1 255 1 2 3", new byte[] { 1, 2, 3 })]
    [InlineData("P6 1 1 255\nabc", new byte[] { 97, 98, 99 })]
    public void ReadsPnm(string file, byte[] expected) => Assert.Equal(expected, Pixels(System.Text.Encoding.ASCII.GetBytes(file)));

    [Fact]
    public void ReadsBmpFromTheBottomWithPaddedRows()
    {
        byte[] file = new byte[54 + 16];
        "BM"u8.CopyTo(file);
        foreach (var (at, value) in new[] { (10, 54), (14, 40), (18, 2), (22, 2), (26, 1 | 24 << 16) }) BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
        new byte[] { 1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12 }.CopyTo(file, 54);
        Assert.Equal([9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4], Pixels(file));
        Assert.Equal([7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6], Pixels(file, PixelFormat.Bgr));
    }

    [Fact]
    public void ReadsPngWithEveryFilterAndDepth()
    {
        // Rows of two RGB pixels, each filter undoing to the same 10, 20, 30, 40, 50, 60.
        byte[] rgb =
        [
            0, 10, 20, 30, 40, 50, 60,
            1, 10, 20, 30, 30, 30, 30,
            2, 0, 0, 0, 0, 0, 0,
            3, 5, 10, 15, 15, 15, 15,
            4, 0, 0, 0, 0, 0, 0,
        ];
        byte[] row = [10, 20, 30, 40, 50, 60];
        Assert.Equal([.. row, .. row, .. row, .. row, .. row], Pixels(Png(2, 5, 8, 2, rgb)));
        Assert.Equal([0, 0, 0, 85, 85, 85, 255, 255, 255], Pixels(Png(3, 1, 2, 0, [0, 0b00_01_11_00])));
        Assert.Equal([7, 7, 7], Pixels(Png(1, 1, 16, 0, [0, 7, 200])));
        Assert.Equal([4, 5, 6, 1, 2, 3], Pixels(Png(2, 1, 1, 3, [0, 0b10_000000], palette: [1, 2, 3, 4, 5, 6])));
        Assert.Equal([29], Pixels(Png(1, 1, 8, 2, [0, 0, 0, 255]), PixelFormat.Grayscale)); // 0.114 · 255
    }

    [Fact]
    public void ReadsInterlacedPng()
    {
        // Of two by two pixels, pass 1 has the first, pass 6 the second of row 0, pass 7 row 1.
        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], Pixels(Png(2, 2, 8, 0, [0, 1, 0, 2, 0, 3, 4], interlaced: true)));
    }

    [Fact]
    public void DamageGivesNothingAndOtherFormatsAreRefused()
    {
        byte[] png = Png(2, 2, 8, 0, [0, 1, 2, 0, 3, 4]);
        for (int length = 8; length < png.Length - 12; length++)
        {
            Assert.Equal([0, 0, 3], ShapeProbe.Run(new ImageDecoder(), Tensor.Vector<byte>(png.AsSpan(0, length))).Dims.ToArray());
        }
        Assert.Equal(0, ShapeProbe.Run(new ImageDecoder(), Tensor.Vector<byte>(Png(60000, 60000, 8, 2, [0]))).Count);
        Assert.Contains("the image is WebP", Refusal("RIFF....WEBP"u8));
        Assert.Contains("no known image format", Refusal("hello"u8));

        static string Refusal(ReadOnlySpan<byte> file)
        {
            var bytes = Tensor.Vector(file);
            return Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new ImageDecoder(), bytes)).Message;
        }
    }

    private static byte[] Pixels(byte[] file, PixelFormat format = PixelFormat.Rgb) =>
        ShapeProbe.Run(new ImageDecoder { Format = format }, Tensor.Vector<byte>(file)).Span<byte>().ToArray();

    private static byte[] Png(int width, int height, byte depth, byte colorType, byte[] rows, byte[]? palette = null, bool interlaced = false)
    {
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG"u8, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = (depth, colorType, interlaced ? (byte)1 : (byte)0);
        Chunk("IHDR"u8, header);
        if (palette is not null) Chunk("PLTE"u8, palette);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(rows);
        Chunk("IDAT"u8, compressed.ToArray());
        Chunk("IEND"u8, []);
        return file.ToArray();

        void Chunk(ReadOnlySpan<byte> kind, byte[] data)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            file.Write(number);
            file.Write(kind);
            file.Write(data);
            file.Write(stackalloc byte[4]);
        }
    }
}
