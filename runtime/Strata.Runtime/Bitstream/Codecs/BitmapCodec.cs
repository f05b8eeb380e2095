using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>
/// Tensors with many zeros: which elements are others, and those by themselves (docs/bitstream.md, "Bitmap"). A zero has all
/// bits clear: −0 is none.
/// </summary>
internal sealed class BitmapCodec : TensorCodec
{
    public override string Name => "bitmap";

    /// <summary>True for elements of whole bytes.</summary>
    public static bool Suits(ElementType type) => type != ElementType.String && !type.IsPacked();

    /// <summary>The payload of a tensor, or none where fewer than half of its elements are zeros.</summary>
    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        int size = tensor.ElementType.Bits() / 8, zeros = 0;
        var bytes = tensor.Bytes.Span;
        var map = new byte[tensor.Count];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = bytes.Slice(i * size, size).ContainsAnyExcept((byte)0) ? (byte)1 : (byte)0;
            zeros += 1 - map[i];
        }
        if (map.Length == 0 || 2L * zeros < map.Length) return default;
        var others = new byte[(map.Length - zeros) * size];
        for (int i = 0, at = 0; i < map.Length; i++)
        {
            if (map[i] == 0) continue;
            bytes.Slice(i * size, size).CopyTo(others.AsSpan(at));
            at += size;
        }
        var values = Tensor.FromBytes(tensor.ElementType, [map.Length - zeros], others);
        var coded = ClassCodec.Encode(map, 2, tensor.Dims.AsSpan());
        var plain = Pack(map);
        var planes = Planes.Encode(values);
        var writer = new SyntaxWriter();
        bool isCoded = coded.Length < plain.Length, isInPlanes = planes.Length < others.Length;
        var (bits, rest) = (isCoded ? coded : plain, isInPlanes ? planes : others);
        Walk(writer, ref isCoded, ref isInPlanes, ref bits);
        return (byte[])[.. writer.Written.Span, .. rest.Span];
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Suits(type) || count == 0 || length < 4) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of a bitmap and elements");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var reader = new SyntaxReader(payload, "bitmap");
        bool isCoded = false, isInPlanes = false;
        ReadOnlyMemory<byte> bits = default;
        Walk(reader, ref isCoded, ref isInPlanes, ref bits);
        int count = Tensor.CountOf(dims), size = type.Bits() / 8;
        byte[] map = isCoded ? ClassCodec.Decode(bits, 2, dims) : Unpack(bits.Span, count);
        int others = map.Count(b => b != 0);
        var rest = payload[reader.Position..];
        var codec = isInPlanes ? Planes : For(type);
        codec.CheckLength(type, others, rest.Length);
        var values = codec.Decode(rest, type, [others]).Bytes.Span;
        var bytes = new byte[(long)count * size];
        for (int i = 0, at = 0; i < count; i++)
        {
            if (map[i] == 0) continue;
            values.Slice(at, size).CopyTo(bytes.AsSpan(i * size));
            at += size;
        }
        return Tensor.FromBytes(type, dims, bytes);
    }

    private static void Walk(FieldSyntax s, ref bool isCoded, ref bool isInPlanes, ref ReadOnlyMemory<byte> bits)
    {
        s.Flag("map_coded", ref isCoded);
        s.Flag("planes", ref isInPlanes);
        s.Bytes("map", ref bits, int.MaxValue);
    }

    private static ReadOnlyMemory<byte> Pack(byte[] map)
    {
        var bits = new byte[(map.Length + 7) / 8];
        for (int i = 0; i < map.Length; i++) bits[i / 8] |= (byte)(map[i] << i % 8);
        return bits;
    }

    private static byte[] Unpack(ReadOnlySpan<byte> bits, int count)
    {
        if (bits.Length != (count + 7L) / 8 || count % 8 != 0 && bits[^1] >> count % 8 != 0) throw new StrataFormatException($"a map of {count} elements cannot be these {bits.Length} bytes");
        var map = new byte[count];
        for (int i = 0; i < map.Length; i++) map[i] = (byte)(bits[i / 8] >> i % 8 & 1);
        return map;
    }
}
