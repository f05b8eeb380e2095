using System.Buffers.Binary;

namespace Strata.Bitstream.Entropy;

/// <summary>Where a field starts among the bytes of a header, what it is called, and whether it is text.</summary>
internal readonly record struct FieldStart(int Position, string Name, bool IsText);

/// <summary>Codes header fields as a <see cref="FieldModel"/> predicts them, with the states and words of <see cref="RansEncoder"/>.</summary>
internal static class FieldEncoder
{
    /// <summary>The stream of fields that follow each other without gaps.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> bytes, IReadOnlyList<FieldStart> fields, int minorVersion)
    {
        var coder = new Recorder { Decisions = new(2 * bytes.Length) };
        var model = FieldModel.Create(minorVersion, bytes.Length);
        byte[] copy = bytes.ToArray(); // a model hands back what it is given
        for (int f = 0; f < fields.Count; f++)
        {
            model.Begin(fields[f].Name, fields[f].IsText);
            model.Code(ref coder, copy.AsSpan(fields[f].Position..(f + 1 < fields.Count ? fields[f + 1].Position : bytes.Length)));
        }

        // Predicted from the first decision to the last, coded from the last to the first.
        var decisions = coder.Decisions;
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

    // Notes each decision: the probability of 1, and in bit 0 what it was.
    private struct Recorder : IDecisionCoder
    {
        public List<ushort> Decisions;

        public readonly int Code(int one, int bit)
        {
            Decisions.Add((ushort)(one << 1 | bit));
            return bit;
        }
    }
}

/// <summary>Decodes what <see cref="FieldEncoder"/> encodes, as fast as the fields are asked for.</summary>
internal sealed class FieldDecoder
{
    private readonly FieldModel model;
    private Decoder decoder;

    /// <summary>Starts a stream of <paramref name="length"/> bytes of fields.</summary>
    /// <exception cref="StrataFormatException">The stream has no state.</exception>
    public FieldDecoder(ReadOnlyMemory<byte> stream, int length, int minorVersion)
    {
        if (stream.Length < sizeof(uint)) throw new StrataFormatException($"coded headers cannot be {stream.Length} bytes");
        decoder = new() { Stream = stream, State = BinaryPrimitives.ReadUInt32LittleEndian(stream.Span), Position = sizeof(uint) };
        model = FieldModel.Create(minorVersion, length);
    }

    /// <summary>Bytes of the stream used so far.</summary>
    public int Position => decoder.Position;

    /// <summary>Bits that the fields so far took: what was read of the stream, less what the state still holds.</summary>
    public double Bits => 8.0 * Position - Math.Log2(Math.Max(1, decoder.State));

    /// <summary>A field begins.</summary>
    public void Begin(string name, bool isText) => model.Begin(name, isText);

    /// <summary>Decodes the next bytes of the field.</summary>
    /// <exception cref="StrataFormatException">The stream ends before.</exception>
    public void Read(Span<byte> bytes) => model.Code(ref decoder, bytes);

    /// <summary>Checks that the stream ends here.</summary>
    /// <exception cref="StrataFormatException">It does not.</exception>
    public void End()
    {
        if (Position != decoder.Stream.Length || decoder.State != RansEncoder.Low) throw new StrataFormatException("coded headers do not end where their fields do: they are corrupt");
    }

    private struct Decoder : IDecisionCoder
    {
        public ReadOnlyMemory<byte> Stream;
        public uint State;
        public int Position;

        public int Code(int one, int bit)
        {
            uint share = (uint)one, slot = State & (FrequencyTable.Total - 1);
            bit = slot < share ? 1 : 0;
            State = bit != 0 ? share * (State >> FrequencyTable.Bits) + slot : (FrequencyTable.Total - share) * (State >> FrequencyTable.Bits) + slot - share;
            if (State >= RansEncoder.Low) return bit;
            if (Position > Stream.Length - sizeof(ushort)) throw new StrataFormatException("coded headers end before their fields do");
            State = State << 16 | BinaryPrimitives.ReadUInt16LittleEndian(Stream.Span[Position..]);
            Position += sizeof(ushort);
            return bit;
        }
    }
}
