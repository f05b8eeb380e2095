using System.Buffers.Binary;
using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>
/// Floats with at most three bits of mantissa, as scales of quantisation often are: their codes on a grid of eight steps to an
/// octave, as differences from what is expected, in classes (docs/bitstream.md, "Scales").
/// </summary>
internal sealed class ScaleCodec : TensorCodec
{
    private const int MantissaBits = 3, MostBase = 4095, Middle = 128;

    public override string Name => "scales";

    /// <summary>What a scale is expected to be.</summary>
    private enum Predictor
    {
        /// <summary>The base, for all.</summary>
        Base,
        /// <summary>The one before it in its row.</summary>
        Left,
        /// <summary>The one above it.</summary>
        Above,
    }

    /// <summary>True for types with enough mantissa.</summary>
    public static bool Suits(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>The payload of a tensor, or none where it is not on the grid or its codes lie too far apart.</summary>
    public override ReadOnlyMemory<byte> Encode(Tensor tensor)
    {
        int[]? codes = CodesOf(tensor);
        ReadOnlyMemory<byte> best = default;
        if (codes is null || codes.Length == 0) return best;
        int start = codes.Order().ElementAt(codes.Length / 2), row = RowOf(tensor.Dims.AsSpan());
        foreach (var predictor in Enum.GetValues<Predictor>())
        {
            var symbols = new byte[codes.Length];
            bool fits = true;
            for (int i = 0; i < codes.Length && fits; i++)
            {
                int difference = codes[i] - Expected(codes, i, row, predictor, start) + Middle;
                fits = difference is >= 0 and < 2 * Middle;
                symbols[i] = (byte)difference;
            }
            if (!fits) continue;
            var writer = new SyntaxWriter();
            var (number, first) = ((int)predictor, start);
            Walk(writer, ref number, ref first);
            byte[] payload = [.. writer.Written.Span, .. ClassCodec.Encode(symbols, 2 * Middle, tensor.Dims.AsSpan()).Span];
            if (best.IsEmpty || payload.Length < best.Length) best = payload;
        }
        return best;
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Suits(type) || count == 0 || length < 2 * sizeof(uint)) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes of scales");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims)
    {
        var reader = new SyntaxReader(payload, "scales");
        int number = 0, start = 0;
        Walk(reader, ref number, ref start);
        byte[] symbols = ClassCodec.Decode(payload[reader.Position..], 2 * Middle, dims);
        var codes = new int[symbols.Length];
        int row = RowOf(dims), shift = ShiftOf(type), most = (1 << type.Bits() - shift) - 1;
        for (int i = 0; i < codes.Length; i++)
        {
            int code = codes[i] = Expected(codes, i, row, (Predictor)number, start) + symbols[i] - Middle;
            if (code < 0 || code > most) throw new StrataFormatException($"a scale has the code {code}, allowed are 0 to {most}");
        }
        var bytes = new byte[type.ByteCount(codes.Length)];
        for (int i = 0; i < codes.Length; i++)
        {
            uint bits = (uint)codes[i] << shift;
            if (type == ElementType.Float32) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), bits);
            else BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)bits);
        }
        return Tensor.FromBytes(type, dims, bytes);
    }

    private static void Walk(FieldSyntax s, ref int predictor, ref int start)
    {
        s.Int("predictor", ref predictor, (int)Predictor.Above);
        s.Int("base", ref start, MostBase);
    }

    // Sign, exponent and the highest bits of the mantissa; null where lower ones are set.
    private static int[]? CodesOf(Tensor tensor)
    {
        int shift = ShiftOf(tensor.ElementType), size = tensor.ElementType.Bits() / 8;
        var bytes = tensor.Bytes.Span;
        var codes = new int[tensor.Count];
        for (int i = 0; i < codes.Length; i++)
        {
            uint bits = size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
            if ((bits & (1u << shift) - 1) != 0) return null;
            codes[i] = (int)(bits >> shift);
        }
        return codes;
    }

    // Bits of the mantissa below those of the grid.
    private static int ShiftOf(ElementType type) => type switch { ElementType.Float32 => 23, ElementType.Float16 => 10, _ => 7 } - MantissaBits;

    private static int RowOf(ReadOnlySpan<int> dims) => ClassLevels.ExtentsOf(ClassLevels.View.Matrix, dims)[1];

    private static int Expected(int[] codes, int i, int row, Predictor predictor, int start) => predictor switch
    {
        Predictor.Left when i % row > 0 => codes[i - 1],
        Predictor.Above when i >= row => codes[i - row],
        _ => start,
    };
}
