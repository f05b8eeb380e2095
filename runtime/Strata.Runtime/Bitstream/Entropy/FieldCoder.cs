using System.Buffers.Binary;

namespace Strata.Bitstream.Entropy;

/// <summary>Where a field starts among the bytes of a header, what it is called, and whether it is text.</summary>
internal readonly record struct FieldStart(int Position, string Name, bool IsText);

/// <summary>Codes header fields bit by bit, as <see cref="FieldModel"/> predicts them, with the states and words of <see cref="RansEncoder"/>.</summary>
internal static class FieldEncoder
{
    /// <summary>The stream of fields that follow each other without gaps.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> bytes, IReadOnlyList<FieldStart> fields)
    {
        // Predicted from the first bit to the last, coded from the last to the first: the probability of the bit, and the bit.
        var decisions = new List<ushort>(8 * bytes.Length);
        var model = new FieldModel(bytes.Length);
        for (int f = 0; f < fields.Count; f++)
        {
            model.Begin(fields[f].Name, fields[f].IsText);
            foreach (byte value in bytes[fields[f].Position..(f + 1 < fields.Count ? fields[f + 1].Position : bytes.Length)])
            {
                model.BeginByte();
                for (int shift = 7; shift >= 0; shift--)
                {
                    int bit = value >> shift & 1;
                    decisions.Add((ushort)(model.Predict() << 1 | bit));
                    model.Learn(bit);
                }
            }
        }

        var words = new List<ushort>();
        uint state = RansEncoder.Low;
        for (int i = decisions.Count - 1; i >= 0; i--)
        {
            uint one = (uint)decisions[i] >> 1;
            var (start, share) = (decisions[i] & 1) != 0 ? (0u, one) : (one, FrequencyTable.Total - one);
            if (state >> (32 - FrequencyTable.Bits) >= share)
            {
                words.Add((ushort)state);
                state >>= 16;
            }
            state = (state / share << FrequencyTable.Bits) + state % share + start;
        }
        var stream = new byte[sizeof(uint) + sizeof(ushort) * words.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(stream, state);
        for (int k = 0; k < words.Count; k++) BinaryPrimitives.WriteUInt16LittleEndian(stream.AsSpan(sizeof(uint) + sizeof(ushort) * k), words[words.Count - 1 - k]);
        return stream;
    }
}

/// <summary>Decodes what <see cref="FieldEncoder"/> encodes, as fast as the fields are asked for.</summary>
internal sealed class FieldDecoder
{
    private readonly ReadOnlyMemory<byte> stream;
    private readonly FieldModel model;
    private uint state;

    /// <summary>Starts a stream of <paramref name="length"/> bytes of fields.</summary>
    /// <exception cref="StrataFormatException">The stream has no state.</exception>
    public FieldDecoder(ReadOnlyMemory<byte> stream, int length)
    {
        if (stream.Length < sizeof(uint)) throw new StrataFormatException($"coded headers cannot be {stream.Length} bytes");
        (this.stream, model, state, Position) = (stream, new(length), BinaryPrimitives.ReadUInt32LittleEndian(stream.Span), sizeof(uint));
    }

    /// <summary>Bytes of the stream used so far.</summary>
    public int Position { get; private set; }

    /// <summary>A field begins.</summary>
    public void Begin(string name, bool isText) => model.Begin(name, isText);

    /// <summary>Decodes the next bytes of the field.</summary>
    /// <exception cref="StrataFormatException">The stream ends before.</exception>
    public void Read(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            model.BeginByte();
            int partial = 0;
            for (int i = 0; i < 8; i++) partial = partial << 1 | ReadBit();
            value = (byte)partial;
        }
    }

    /// <summary>Checks that the stream ends here.</summary>
    /// <exception cref="StrataFormatException">It does not.</exception>
    public void End()
    {
        if (Position != stream.Length || state != RansEncoder.Low) throw new StrataFormatException("coded headers do not end where their fields do: they are corrupt");
    }

    private int ReadBit()
    {
        uint one = (uint)model.Predict(), slot = state & (FrequencyTable.Total - 1);
        int bit = slot < one ? 1 : 0;
        model.Learn(bit);
        state = bit != 0 ? one * (state >> FrequencyTable.Bits) + slot : (FrequencyTable.Total - one) * (state >> FrequencyTable.Bits) + slot - one;
        if (state >= RansEncoder.Low) return bit;
        if (Position > stream.Length - sizeof(ushort)) throw new StrataFormatException("coded headers end before their fields do");
        state = state << 16 | BinaryPrimitives.ReadUInt16LittleEndian(stream.Span[Position..]);
        Position += sizeof(ushort);
        return bit;
    }
}
