using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs.Floats;

/// <summary>
/// Floats of 16 and 32 bits, exactly: exponents and leading mantissa bits as symbols under the tables of classes, all other
/// bits as they are; or numbers of a palette where a tensor repeats few magnitudes (docs/bitstream.md, "Floats").
/// </summary>
internal sealed class FloatCodec : TensorCodec
{
    /// <summary>Most elements that a writer holds at once; larger tensors are coded in planes, tile by tile.</summary>
    public const int MostElements = 1 << 20;

    // A palette pays where a magnitude occurs at least about so often.
    private const int PaletteUses = 2;

    private const int MostPalette = 1 << 16, Sample = 1 << 12;

    // A description and its length.
    private const int LeastLength = 1 + sizeof(uint);

    public override string Name => "floats";

    /// <summary>True for the types that the codec is for.</summary>
    public static bool Suits(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;

    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        var layout = FloatLayout.Of(tensor.ElementType);
        var words = layout.WordsOf(tensor.Bytes.Span, tensor.Count);
        var best = Encode(FloatSplit.Best(words, layout), words, tensor);
        if (PaletteOf(words, layout) is { } palette && Encode(palette, words, tensor) is var other && other.Length < best.Length) best = other;
        return best;
    }

    private static ReadOnlyMemory<byte> Encode(FloatHead head, uint[] words, Tensor tensor)
    {
        var description = new IntegerWriter();
        FloatHead.Walk(description, head.Layout, ref head!);
        var writer = new SyntaxWriter();
        ReadOnlyMemory<byte> bytes = description.End();
        writer.Bytes("description", ref bytes, int.MaxValue);
        if (head is FloatSplit split)
        {
            byte[] symbols = split.Symbols(words);
            bytes = ClassCodec.Encode(symbols, split.Codes.Length, tensor.Dims.AsSpan(), octave: 1 << split.Leading);
            writer.Bytes("symbols", ref bytes, int.MaxValue);
        }
        uint[] rests = [.. words];
        head.Rest(rests);
        return (byte[])[.. writer.Written.Span, .. BitPacking.Pack(rests, head.RestBits)];
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Suits(type) || count == 0 || length < LeastLength) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of floats");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var layout = FloatLayout.Of(type);
        int count = Tensor.CountOf(dims);
        var reader = new SyntaxReader(payload, "floats");
        var bytes = ReadOnlyMemory<byte>.Empty;
        reader.Bytes("description", ref bytes, int.MaxValue);
        var description = new IntegerReader(bytes);
        FloatHead? head = null;
        FloatHead.Walk(description, layout, ref head);
        description.End();
        byte[] symbols = [];
        if (head is FloatSplit split)
        {
            reader.Bytes("symbols", ref bytes, int.MaxValue);
            BitPacking.CheckLength(payload.Length - reader.Position, count, head.RestBits);
            symbols = ClassCodec.Decode(bytes, split.Codes.Length, dims);
        }
        else BitPacking.CheckLength(payload.Length - reader.Position, count, head!.RestBits);
        var elements = GC.AllocateUninitializedArray<byte>((int)type.ByteCount(count));
        var packed = payload.Span[reader.Position..];
        Span<uint> words = layout.Bits == 32 ? MemoryMarshal.Cast<byte, uint>(elements.AsSpan()) : new uint[Math.Min(count, BitPacking.Run)];
        for (int start = 0; start < count; start += BitPacking.Run)
        {
            int run = Math.Min(BitPacking.Run, count - start);
            var own = words.Slice(layout.Bits == 32 ? start : 0, run);
            BitPacking.Unpack(packed[(int)((long)start * head.RestBits / 8)..], head.RestBits, own);
            head.Join(symbols.AsSpan(Math.Min(start, symbols.Length)), own);
            if (layout.Bits < 32) Narrow(own, MemoryMarshal.Cast<byte, ushort>(elements.AsSpan())[start..]);
        }
        return Tensor.FromBytes(type, dims, elements);
    }

    private static void Narrow(ReadOnlySpan<uint> words, Span<ushort> target)
    {
        int i = 0;
        for (; i <= words.Length - 8; i += 8) Vector128.Narrow(Vector128.Create(words[i..]), Vector128.Create(words[(i + 4)..])).CopyTo(target[i..]);
        for (; i < words.Length; i++) target[i] = (ushort)words[i];
    }

    // The magnitudes where they are few.
    private static FloatPalette? PaletteOf(uint[] words, FloatLayout layout)
    {
        var magnitudes = new HashSet<uint>();
        // Where a sample hardly repeats, neither does the rest.
        int step = Math.Max(1, words.Length / Sample), taken = 0;
        for (int i = 0; i < words.Length; i += step, taken++) magnitudes.Add(words[i] & ~layout.Sign);
        if (magnitudes.Count > taken - taken / 32) return null;
        magnitudes.Clear();
        int most = Math.Min(MostPalette, words.Length / PaletteUses);
        bool isSigned = false;
        foreach (uint word in words)
        {
            isSigned |= (word & layout.Sign) != 0;
            if (magnitudes.Add(word & ~layout.Sign) && magnitudes.Count > most) return null;
        }
        uint[] sorted = [.. magnitudes.Order()];
        return sorted[^1] >= IntegerSyntax.Most ? null : new(layout, isSigned, sorted);
    }
}

/// <summary>How the bits of an element lie.</summary>
internal readonly record struct FloatLayout(int Bits, int MantissaBits)
{
    public static FloatLayout Of(ElementType type) => type switch
    {
        ElementType.Float32 => new(32, 23),
        ElementType.Float16 => new(16, 10),
        _ => new(16, 7),
    };

    /// <summary>The bit of the sign.</summary>
    public uint Sign => 1u << (Bits - 1);

    /// <summary>Elements in words of 32 bits.</summary>
    public uint[] WordsOf(ReadOnlySpan<byte> elements, int count)
    {
        var words = new uint[count];
        if (Bits == 32) MemoryMarshal.Cast<byte, uint>(elements)[..count].CopyTo(words);
        else
        {
            var halves = MemoryMarshal.Cast<byte, ushort>(elements);
            for (int i = 0; i < count; i++) words[i] = halves[i];
        }
        return words;
    }
}
