namespace Strata.Operators.Reference.Images;

/// <summary>A canonical Huffman code of at most 16 bits (T.81 annex C).</summary>
internal sealed class HuffmanTable
{
    private readonly byte[] values;
    private readonly int[] firstCode = new int[17], firstIndex = new int[17], counts = new int[17];

    public HuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        this.values = values.ToArray();
        for (int length = 1, code = 0, index = 0; length <= 16; length++)
        {
            (firstCode[length], firstIndex[length], this.counts[length]) = (code, index, counts[length - 1]);
            code = (code + counts[length - 1]) << 1;
            index += counts[length - 1];
        }
    }

    public int Decode(ref JpegBits bits)
    {
        int code = 0;
        for (int length = 1; length <= 16; length++)
        {
            code = code << 1 | bits.Bit();
            int offset = code - firstCode[length];
            if (offset >= 0 && offset < counts[length]) return values[firstIndex[length] + offset];
        }
        throw new DamagedImageException("a code has no meaning");
    }
}
