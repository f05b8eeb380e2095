using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>
/// Tiles of byte planes, each plane entropy-coded where that pays: the highest bytes of all words of a tile, then the next
/// ones. Words of floats are rotated left by one bit first, so that the exponent, which is what compresses, does not share its
/// byte with the sign. The real and the imaginary part of a complex number are words of their own; an element of 2 or 4 bits
/// is a word of one byte.
/// </summary>
internal sealed class PlaneCodec : TensorCodec
{
    /// <summary>Words of a tile: what coding and decoding need in memory beside the elements.</summary>
    private const int TileWords = 1 << 18;

    /// <summary>Symbols of a plane that are decoded at a time; a multiple of the lanes, small enough that all planes stay in the L1 or L2 cache.</summary>
    private const int Run = 1 << 12;

    /// <summary>From so many symbols on, lanes for the widest vectors are worth their states.</summary>
    private const int ManySymbols = 1 << 11;

    private const int FewLanesLog2 = 2, ManyLanesLog2 = 5;

    public override string Name => "planes";

    /// <summary>True for the types of whole words and of 2 or 4 bits.</summary>
    public static bool Suits(ElementType type) => type != ElementType.String && (!type.IsPacked() || 8 % type.Bits() == 0);

    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        using var payload = new MemoryStream(tensor.Bytes.Length);
        Encode(Constant.Of(tensor), block => payload.Write(block.Span));
        return payload.GetBuffer().AsMemory(0, (int)payload.Length);
    }

    public override void Encode(Constant constant, Action<ReadOnlyMemory<byte>> write)
    {
        var layout = new Layout(constant.Type.ElementType, constant.Count);
        var planes = new byte[layout.Planes][];
        foreach (ref var plane in planes.AsSpan()) plane = new byte[Math.Min(TileWords, layout.Words)];
        int filled = 0;
        long left = layout.Words; // the last byte of a block may hold padding besides
        // Elements narrower than a byte may lie across the ends of blocks.
        if (constant.Type.ElementType.IsPacked()) Add(constant.Materialize().Bytes);
        else constant.ReadBlocks(Add);
        if (filled > 0) Flush();

        void Add(ReadOnlyMemory<byte> block)
        {
            while (block.Length > 0)
            {
                int words = (int)Math.Min(Math.Min(TileWords - filled, left), layout.WordsIn(block.Length));
                for (int p = 0; p < planes.Length; p++) layout.Split(block.Span, p, planes[p].AsSpan(filled, words));
                block = block[layout.BytesOf(words)..];
                (filled, left) = (filled + words, left - words);
                if (filled == planes[0].Length) Flush();
            }
        }

        void Flush()
        {
            var tile = new SyntaxWriter();
            foreach (byte[] plane in planes) WritePlane(tile, plane.AsMemory(0, filled));
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteInt32LittleEndian(length, tile.Written.Length);
            write(length);
            write(tile.Written);
            filled = 0;
        }
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Suits(type) || length > type.ByteCount(count) || length < new Layout(type, count).Planes * Math.Min(1, count)) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes in planes");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var elements = new byte[type.ByteCount(Tensor.CountOf(dims))];
        int done = 0, position = 0;
        Decode(type, Tensor.CountOf(dims), count =>
        {
            if (count > payload.Length - position) throw new StrataFormatException($"a tile of {count} bytes begins at byte {position} of a payload of {payload.Length}");
            position += count;
            return payload.Slice(position - count, count);
        }, block =>
        {
            block.CopyTo(elements.AsMemory(done));
            done += block.Length;
        });
        return position == payload.Length ? Tensor.FromBytes(type, dims, elements) : throw new StrataFormatException($"{payload.Length - position} bytes follow the last tile");
    }

    /// <summary>Decodes tile by tile.</summary>
    /// <param name="type">The elements.</param>
    /// <param name="count">Their number.</param>
    /// <param name="take">Gives the next bytes of the payload, valid until the next call.</param>
    /// <param name="see">Gets elements in order, valid during the call.</param>
    public static void Decode(ElementType type, int count, Func<int, ReadOnlyMemory<byte>> take, Action<ReadOnlyMemory<byte>> see)
    {
        var layout = new Layout(type, count);
        byte[] elements = new byte[layout.BytesOf((int)Math.Min(TileWords, layout.Words))], symbols = new byte[layout.Planes * Run];
        var planes = new PlaneReader[layout.Planes];
        for (long start = 0; start < layout.Words; start += TileWords)
        {
            int words = (int)Math.Min(TileWords, layout.Words - start), length = BinaryPrimitives.ReadInt32LittleEndian(take(sizeof(uint)).Span);
            // A plane takes at most its symbols, its length, a table, and the states of its lanes.
            if (length < 0 || length > layout.Planes * (words + 4096L)) throw new StrataFormatException($"a tile of {words} words cannot have {length} bytes");
            var reader = new SyntaxReader(take(length), "tile");
            for (int p = 0; p < planes.Length; p++) planes[p] = ReadPlane(reader, words);
            reader.End();
            elements.AsSpan().Clear();
            for (int first = 0; first < words; first += Run)
            {
                int run = Math.Min(Run, words - first);
                for (int p = 0; p < planes.Length; p++) planes[p].Read(symbols.AsSpan(p * run, run));
                layout.Merge(symbols.AsSpan(0, planes.Length * run), run, elements.AsSpan(layout.BytesOf(first)));
            }
            foreach (var plane in planes) plane.End();
            see(elements.AsMemory(0, layout.BytesOf(words)));
        }
    }

    private enum Mode
    {
        Plain,
        Constant,
        Coded,
    }

    private static void WritePlane(SyntaxWriter writer, ReadOnlyMemory<byte> plane)
    {
        var symbols = plane.Span;
        var mode = symbols.IsEmpty ? Mode.Plain : symbols.ContainsAnyExcept(symbols[0]) ? Mode.Coded : Mode.Constant;
        ReadOnlyMemory<byte> bytes = mode == Mode.Constant ? new[] { symbols[0] } : default;
        FrequencyTable? table = null;
        int lanesLog2 = symbols.Length < ManySymbols ? FewLanesLog2 : ManyLanesLog2;
        if (mode == Mode.Coded)
        {
            table = FrequencyTable.Of(symbols);
            // A table and the states of the lanes cost something: without a saving of 1/64 the plane is left as it is.
            bytes = table.EstimateBytes(symbols) < symbols.Length - symbols.Length / 64 ? RansEncoder.Encode(symbols, table, 1 << lanesLog2) : null;
            if (bytes.IsEmpty) (mode, bytes) = (Mode.Plain, plane);
        }
        WalkPlane(writer, ref mode, ref lanesLog2, ref table, ref bytes, symbols.Length);
    }

    private static PlaneReader ReadPlane(SyntaxReader reader, long symbols)
    {
        var mode = Mode.Plain;
        int lanesLog2 = 0;
        FrequencyTable? table = null;
        ReadOnlyMemory<byte> bytes = default;
        WalkPlane(reader, ref mode, ref lanesLog2, ref table, ref bytes, symbols);
        long expected = mode == Mode.Plain ? symbols : 1;
        if (mode != Mode.Coded && bytes.Length != expected) throw new StrataFormatException($"a plane of {symbols} symbols has {bytes.Length} bytes where {expected} are needed");
        return mode == Mode.Coded ? new PlaneReader(new RansDecoder(bytes, table!, 1 << lanesLog2)) : new PlaneReader(bytes, isConstant: mode == Mode.Constant);
    }

    // The layout of one plane.
    private static void WalkPlane(FieldSyntax s, ref Mode mode, ref int lanesLog2, ref FrequencyTable? table, ref ReadOnlyMemory<byte> bytes, long symbols)
    {
        long number = (long)mode;
        s.Unsigned("mode", ref number, (long)Mode.Coded);
        mode = (Mode)number;
        if (mode == Mode.Coded)
        {
            s.Int("lanes_log2", ref lanesLog2, ManyLanesLog2);
            FrequencyTable.Walk(s, ref table);
        }
        s.Bytes("bytes", ref bytes, (int)Math.Min(int.MaxValue, symbols));
    }

    /// <summary>Hands out the symbols of a plane in order.</summary>
    private sealed class PlaneReader
    {
        private readonly RansDecoder? decoder;
        private readonly ReadOnlyMemory<byte> bytes;
        private readonly bool isConstant;
        private int position;

        public PlaneReader(RansDecoder decoder) => this.decoder = decoder;

        public PlaneReader(ReadOnlyMemory<byte> bytes, bool isConstant) => (this.bytes, this.isConstant) = (bytes, isConstant);

        public void Read(Span<byte> symbols)
        {
            if (decoder is not null) decoder.Read(symbols);
            else if (isConstant) symbols.Fill(bytes.Span[0]);
            else
            {
                bytes.Span.Slice(position, symbols.Length).CopyTo(symbols);
                position += symbols.Length;
            }
        }

        public void End() => decoder?.End();
    }

    /// <summary>How elements become planes of symbols.</summary>
    private readonly struct Layout
    {
        private readonly int wordBytes, codeBits, rotation;

        public Layout(ElementType type, long count)
        {
            bool isComplex = type.Kind() == ElementKind.Complex;
            int bits = isComplex ? type.Bits() / 2 : type.Bits();
            (wordBytes, codeBits) = (Math.Max(1, bits / 8), Math.Min(8, bits));
            rotation = wordBytes > 1 && (isComplex || type.IsFloat()) ? 1 : 0;
            Words = isComplex ? 2 * count : count;
        }

        public int Planes => wordBytes;

        /// <summary>Words of all elements; symbols of each plane of all tiles.</summary>
        public long Words { get; }

        /// <summary>Words that lie in so many bytes of elements.</summary>
        public long WordsIn(int bytes) => codeBits < 8 ? bytes * 8L / codeBits : bytes / wordBytes;

        /// <summary>Bytes of elements that hold so many words, rounded up.</summary>
        public int BytesOf(int words) => codeBits < 8 ? (words * codeBits + 7) / 8 : checked(words * wordBytes);

        /// <summary>One plane of the first words of elements.</summary>
        public void Split(ReadOnlySpan<byte> elements, int plane, Span<byte> symbols)
        {
            int shift = 8 * (wordBytes - 1 - plane);
            switch (wordBytes)
            {
                case 1 when codeBits == 8: elements[..symbols.Length].CopyTo(symbols); break;
                case 1: Unpack(elements, symbols, codeBits); break;
                case 2: Split<ushort>(elements, shift, rotation, symbols); break;
                case 4: Split<uint>(elements, shift, rotation, symbols); break;
                default: Split<ulong>(elements, shift, rotation, symbols); break;
            }
        }

        /// <summary>Puts a run of all planes, one after the other, into elements.</summary>
        public void Merge(ReadOnlySpan<byte> planes, int run, Span<byte> elements)
        {
            switch (wordBytes)
            {
                case 1 when codeBits == 8: planes.CopyTo(elements); break;
                case 1: Pack(planes, elements, codeBits); break;
                case 2: Merge<ushort>(planes, run, rotation, elements); break;
                case 4: Merge<uint>(planes, run, rotation, elements); break;
                default: Merge<ulong>(planes, run, rotation, elements); break;
            }
        }

        private static void Split<T>(ReadOnlySpan<byte> elements, int shift, int rotation, Span<byte> symbols) where T : unmanaged, IBinaryInteger<T>
        {
            var words = MemoryMarshal.Cast<byte, T>(elements);
            for (int i = 0; i < symbols.Length; i++) symbols[i] = byte.CreateTruncating(T.RotateLeft(words[i], rotation) >>> shift);
        }

        private static void Merge<T>(ReadOnlySpan<byte> planes, int run, int rotation, Span<byte> elements) where T : unmanaged, IBinaryInteger<T>
        {
            var words = MemoryMarshal.Cast<byte, T>(elements)[..run];
            words.Clear();
            for (; planes.Length > run; planes = planes[run..])
            {
                for (int i = 0; i < words.Length; i++) words[i] = (words[i] | T.CreateTruncating(planes[i])) << 8;
            }
            for (int i = 0; i < words.Length; i++) words[i] = T.RotateRight(words[i] | T.CreateTruncating(planes[i]), rotation);
        }

        private static void Unpack(ReadOnlySpan<byte> elements, Span<byte> symbols, int bits)
        {
            int perByte = 8 / bits, mask = (1 << bits) - 1;
            for (int i = 0; i < symbols.Length; i++) symbols[i] = (byte)(elements[i / perByte] >> i % perByte * bits & mask);
        }

        private static void Pack(ReadOnlySpan<byte> symbols, Span<byte> elements, int bits)
        {
            int perByte = 8 / bits, mask = (1 << bits) - 1;
            for (int i = 0; i < symbols.Length; i++) elements[i / perByte] |= (byte)((symbols[i] & mask) << i % perByte * bits);
        }
    }
}
