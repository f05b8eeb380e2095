namespace Strata.Operators.Reference.Images;

/// <summary>
/// Decodes sequential Huffman-coded JPEG of 8-bit samples (ITU-T T.81), one or three components, with the smooth chroma
/// upsampling that ONNX describes.
/// </summary>
internal sealed class JpegDecoder
{
    private const int ZigZagLength = 64;

    // Row-major position of each coefficient in zigzag order.
    private static readonly byte[] ZigZag = BuildZigZag();

    private readonly int[][] quantization = new int[4][];
    private readonly HuffmanTable?[] dcTables = new HuffmanTable?[4], acTables = new HuffmanTable?[4];
    private JpegComponent[] components = [];
    private int width, height, restartInterval, adobeTransform = -1, fileBytes;

    public static RasterImage Decode(ReadOnlySpan<byte> file) => new JpegDecoder { fileBytes = file.Length }.Run(file);

    private RasterImage Run(ReadOnlySpan<byte> file)
    {
        var bytes = new ImageBytes(file);
        bytes.Take(2);
        while (true)
        {
            while (bytes.U8() != 0xFF) { }
            int marker = bytes.U8();
            while (marker == 0xFF) marker = bytes.U8();
            if (marker is 0 or 0x01 or >= 0xD0 and <= 0xD7) continue;
            if (marker == 0xD9) break;
            var segment = bytes.Take(bytes.U16Big() - 2);
            switch (marker)
            {
                case 0xC0 or 0xC1: ReadFrame(segment); break;
                case 0xC4: ReadHuffmanTables(segment); break;
                case >= 0xC2 and <= 0xCF and not 0xC8 and not 0xCC: throw ReferenceContext.Fail($"the JPEG image uses process {marker - 0xC0}; sequential Huffman coding is supported");
                case 0xCC: throw ReferenceContext.Fail("the JPEG image uses arithmetic coding; sequential Huffman coding is supported");
                case 0xDA: ReadScan(segment, ref bytes, file); break;
                case 0xDB: ReadQuantization(segment); break;
                case 0xDD: restartInterval = new ImageBytes(segment).U16Big(); break;
                case 0xEE when segment.Length >= 12 && segment.StartsWith("Adobe"u8): adobeTransform = segment[11]; break;
            }
        }
        if (components.Length == 0) throw new DamagedImageException("there is no frame");
        return Assemble();
    }

    private void ReadFrame(ReadOnlySpan<byte> segment)
    {
        var bytes = new ImageBytes(segment);
        if (components.Length > 0) throw new DamagedImageException("there are two frames");
        int precision = bytes.U8();
        if (precision != 8) throw ReferenceContext.Fail($"the JPEG image has {precision}-bit samples; 8 bits are supported");
        (height, width) = (bytes.U16Big(), bytes.U16Big());
        int count = bytes.U8();
        if (count is not (1 or 3)) throw ReferenceContext.Fail($"the JPEG image has {count} components; 1 (gray) and 3 (color) are supported");
        _ = RasterImage.Create(width, height, fileBytes);
        components = new JpegComponent[count];
        for (int i = 0; i < count; i++)
        {
            int id = bytes.U8(), sampling = bytes.U8(), table = bytes.U8();
            (int across, int down) = count == 1 ? (1, 1) : (sampling >> 4, sampling & 15);
            if (across is < 1 or > 4 || down is < 1 or > 4 || table > 3) throw new DamagedImageException($"component {i} has sampling {across} × {down}, table {table}");
            components[i] = new(id, across, down, table);
        }
        int most = components.Max(c => c.Across), mostDown = components.Max(c => c.Down);
        foreach (var component in components) component.Allocate(width, height, most, mostDown);
    }

    private void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        var bytes = new ImageBytes(segment);
        while (!bytes.AtEnd)
        {
            int kind = bytes.U8();
            if ((kind & 15) > 3) throw new DamagedImageException($"quantization table {kind & 15}");
            var table = quantization[kind & 15] = new int[ZigZagLength];
            for (int i = 0; i < ZigZagLength; i++) table[ZigZag[i]] = kind >> 4 == 0 ? bytes.U8() : bytes.U16Big();
        }
    }

    private void ReadHuffmanTables(ReadOnlySpan<byte> segment)
    {
        var bytes = new ImageBytes(segment);
        while (!bytes.AtEnd)
        {
            int kind = bytes.U8();
            if ((kind & 15) > 3 || kind >> 4 > 1) throw new DamagedImageException($"Huffman table {kind}");
            byte[] counts = bytes.Take(16).ToArray();
            (kind >> 4 == 0 ? dcTables : acTables)[kind & 15] = new HuffmanTable(counts, bytes.Take(counts.Sum(c => c)));
        }
    }

    private void ReadScan(ReadOnlySpan<byte> segment, ref ImageBytes bytes, ReadOnlySpan<byte> file)
    {
        var header = new ImageBytes(segment);
        var scan = new JpegComponent[header.U8()];
        for (int i = 0; i < scan.Length; i++)
        {
            int id = header.U8(), tables = header.U8();
            scan[i] = components.FirstOrDefault(c => c.Id == id) ?? throw new DamagedImageException($"component {id} is not in the frame");
            scan[i].DcTable = dcTables[tables >> 4 & 3] ?? throw new DamagedImageException($"Huffman table {tables >> 4} is missing");
            scan[i].AcTable = acTables[tables & 3] ?? throw new DamagedImageException($"Huffman table {tables & 15} is missing");
            scan[i].Quantization = quantization[scan[i].Table] ?? throw new DamagedImageException($"quantization table {scan[i].Table} is missing");
        }
        if (scan.Length == 0) throw new DamagedImageException("a scan has no component");
        var bits = new JpegBits(file, bytes.Position);
        // A scan of one component covers its own blocks; one of several covers whole interleaved units.
        bool single = scan.Length == 1;
        int columns = single ? scan[0].OwnColumns : components[0].Columns / components[0].Across, rows = single ? scan[0].OwnRows : components[0].Rows / components[0].Down;
        Span<int> block = stackalloc int[ZigZagLength];
        for (int unit = 0; unit < columns * rows; unit++)
        {
            if (restartInterval > 0 && unit > 0 && unit % restartInterval == 0)
            {
                bits.Restart();
                foreach (var component in scan) component.Predictor = 0;
            }
            foreach (var component in scan)
            {
                int across = single ? 1 : component.Across, down = single ? 1 : component.Down;
                for (int b = 0; b < across * down; b++)
                {
                    ReadBlock(ref bits, component, block);
                    InverseDct.Transform(block, component.Samples.AsSpan(((unit / columns * down + b / across) * 8 * component.Columns + unit % columns * across + b % across) * 8), component.Columns * 8);
                }
            }
        }
        bytes.Position = bits.Position;
        foreach (var component in scan) component.Predictor = 0;
    }

    private static void ReadBlock(ref JpegBits bits, JpegComponent component, scoped Span<int> block)
    {
        block.Clear();
        int size = component.DcTable!.Decode(ref bits);
        if (size > 11) throw new DamagedImageException($"a difference of {size} bits");
        component.Predictor += bits.Signed(size);
        block[0] = component.Predictor * component.Quantization![0];
        for (int k = 1; k < ZigZagLength; k++)
        {
            int symbol = component.AcTable!.Decode(ref bits), run = symbol >> 4;
            size = symbol & 15;
            if (size == 0 && run != 15) break;
            k += run;
            if (k >= ZigZagLength) throw new DamagedImageException("a run leaves its block");
            if (size > 0) block[ZigZag[k]] = bits.Signed(size) * component.Quantization[ZigZag[k]];
        }
    }

    private RasterImage Assemble()
    {
        var image = RasterImage.Create(width, height, fileBytes);
        int most = components.Max(c => c.Across), mostDown = components.Max(c => c.Down);
        byte[][] planes = [.. components.Select(c => ChromaUpsampling.Expand(c, width, height, most, mostDown))];
        bool rgb = planes.Length == 3 && (adobeTransform == 0 || adobeTransform < 0 && components[0].Id == 'R' && components[1].Id == 'G' && components[2].Id == 'B');
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x, luma = planes[0][at];
                if (planes.Length == 1) image.Set(x, y, luma, luma, luma);
                else if (rgb) image.Set(x, y, luma, planes[1][at], planes[2][at]);
                else Convert(image, x, y, luma, planes[1][at] - 128, planes[2][at] - 128);
            }
        }
        return image;
    }

    // JFIF's conversion in 16-bit fixed point, halves up.
    private static void Convert(RasterImage image, int x, int y, int luma, int blue, int red) => image.Set(x, y,
        Math.Clamp(luma + ((91881 * red + 32768) >> 16), 0, 255),
        Math.Clamp(luma + ((-22554 * blue - 46802 * red + 32768) >> 16), 0, 255),
        Math.Clamp(luma + ((116130 * blue + 32768) >> 16), 0, 255));

    private static byte[] BuildZigZag()
    {
        var order = new byte[ZigZagLength];
        for (int k = 0, row = 0, column = 0; k < ZigZagLength; k++)
        {
            order[k] = (byte)(row * 8 + column);
            bool upwards = (row + column) % 2 == 0;
            if (upwards && column == 7 || !upwards && row != 7 && column == 0) row++;
            else if (upwards && row == 0 || !upwards && row == 7) column++;
            else (row, column) = upwards ? (row - 1, column + 1) : (row + 1, column - 1);
        }
        return order;
    }
}
