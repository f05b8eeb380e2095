using System.Globalization;
using System.Numerics;
using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>Reads the elements that <see cref="ConstantText"/> prints; nothing is allocated beyond what the text can fill.</summary>
internal static class ConstantParser
{
    private const NumberStyles Real = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>Reads one element (rank 0) or a list in brackets.</summary>
    public static Tensor Elements(TextCursor cursor, ElementType type, ReadOnlySpan<int> dims)
    {
        int count = Tensor.CountOf(dims);
        if (count > cursor.Remaining) throw cursor.Fail($"{type.Name()}[{Tensor.Format(dims)}] has {count} elements, more than the text gives");
        var tensor = Tensor.Zeros(type, dims);
        if (dims.Length == 0)
        {
            Element(cursor, tensor, 0);
            return tensor;
        }
        cursor.Take('[');
        for (int i = 0; i < count; i++)
        {
            if (i > 0 && !cursor.TryTake(',')) throw cursor.Expected($"',' and element {i + 1} of {count}");
            Element(cursor, tensor, i);
        }
        if (!cursor.TryTake(']')) throw cursor.Expected($"']' after {count} elements");
        return tensor;
    }

    /// <summary>A binary32 number.</summary>
    public static float Single(TextCursor cursor)
    {
        if (AtHex(cursor)) return BitConverter.UInt32BitsToSingle((uint)Hex(cursor, 32));
        bool negative = cursor.TryTake('-');
        float value = float.PositiveInfinity;
        if (!cursor.TryTakeWord("inf"))
        {
            if (cursor.Kind != TokenKind.Number || !float.TryParse(cursor.Span, Real, CultureInfo.InvariantCulture, out value)) throw cursor.Expected("a number");
            if (float.IsInfinity(value)) throw cursor.Fail($"{cursor.Span} is too large for f32");
            cursor.Advance();
        }
        return negative ? -value : value;
    }

    /// <summary>A binary64 number.</summary>
    public static double Double(TextCursor cursor)
    {
        if (AtHex(cursor)) return BitConverter.UInt64BitsToDouble(Hex(cursor, 64));
        bool negative = cursor.TryTake('-');
        double value = double.PositiveInfinity;
        if (!cursor.TryTakeWord("inf"))
        {
            if (cursor.Kind != TokenKind.Number || !double.TryParse(cursor.Span, Real, CultureInfo.InvariantCulture, out value)) throw cursor.Expected("a number");
            if (double.IsInfinity(value)) throw cursor.Fail($"{cursor.Span} is too large for f64");
            cursor.Advance();
        }
        return negative ? -value : value;
    }

    /// <summary>An integer of at most 64 bits, in [least, most].</summary>
    public static Int128 Integer(TextCursor cursor, Int128 least, Int128 most)
    {
        int start = cursor.Position;
        bool negative = cursor.TryTake('-');
        if (cursor.Kind != TokenKind.Number || cursor.Span.ContainsAnyExceptInRange('0', '9')) throw cursor.Expected("an integer");
        if (!UInt128.TryParse(cursor.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var magnitude) || magnitude > ulong.MaxValue) magnitude = (UInt128)ulong.MaxValue + 1;
        var value = negative ? -(Int128)magnitude : (Int128)magnitude;
        if (value < least || value > most) throw cursor.Fail($"found an integer outside [{least.ToString(CultureInfo.InvariantCulture)}, {most.ToString(CultureInfo.InvariantCulture)}]", start);
        cursor.Advance();
        return value;
    }

    /// <summary>A 64-bit integer.</summary>
    public static long Int64(TextCursor cursor) => (long)Integer(cursor, long.MinValue, long.MaxValue);

    /// <summary>A truth value.</summary>
    public static bool Flag(TextCursor cursor)
    {
        if (cursor.TryTakeWord("true")) return true;
        if (cursor.TryTakeWord("false")) return false;
        throw cursor.Expected("true or false");
    }

    private static void Element(TextCursor cursor, Tensor tensor, int i)
    {
        var type = tensor.ElementType;
        switch (type)
        {
            case ElementType.Float32: tensor.MutableSpan<float>()[i] = Single(cursor); break;
            case ElementType.Float64: tensor.MutableSpan<double>()[i] = Double(cursor); break;
            case ElementType.Complex64: tensor.MutableSpan<Vector2>()[i] = Pair(cursor, Single, static (x, y) => new Vector2(x, y)); break;
            case ElementType.Complex128: tensor.MutableSpan<Complex>()[i] = Pair(cursor, Double, static (x, y) => new Complex(x, y)); break;
            case ElementType.Bool: tensor.MutableSpan<byte>()[i] = AtHex(cursor) ? (byte)Hex(cursor, 8) : Flag(cursor) ? (byte)1 : (byte)0; break;
            case ElementType.String: tensor.MutableStrings[i] = cursor.TakeQuoted("a string"); break;
            case ElementType.Int64: tensor.MutableSpan<long>()[i] = Int64(cursor); break;
            case ElementType.UInt64: tensor.MutableSpan<ulong>()[i] = (ulong)Integer(cursor, 0, ulong.MaxValue); break;
            case ElementType.Int32: tensor.MutableSpan<int>()[i] = (int)Integer(cursor, int.MinValue, int.MaxValue); break;
            case ElementType.UInt32: tensor.MutableSpan<uint>()[i] = (uint)Integer(cursor, 0, uint.MaxValue); break;
            default: tensor.SetBits(i, Small(cursor, type)); break;
        }
    }

    private static T Pair<TPart, T>(TextCursor cursor, Func<TextCursor, TPart> part, Func<TPart, TPart, T> create)
    {
        cursor.Take('(');
        var real = part(cursor);
        cursor.Take(',');
        var imaginary = part(cursor);
        cursor.Take(')');
        return create(real, imaginary);
    }

    // The code of an element of at most 16 bits.
    private static int Small(TextCursor cursor, ElementType type)
    {
        int width = type.Bits(), mask = (1 << width) - 1;
        if (type.Kind() == ElementKind.Unsigned) return (int)Integer(cursor, 0, mask);
        if (type.Kind() == ElementKind.Signed) return (int)Integer(cursor, -(mask / 2) - 1, mask / 2) & mask;
        if (AtHex(cursor)) return (int)Hex(cursor, width);

        int start = cursor.Position;
        float value = Single(cursor);
        var format = SmallFloat.Of(type);
        int code = format?.Encode(value, saturate: false) ?? BitConverter.HalfToInt16Bits((Half)value) & mask;
        double read = format?.Decode(code) ?? (double)BitConverter.Int16BitsToHalf((short)code);
        bool overflows = float.IsFinite(value) ? !double.IsFinite(read) || Math.Abs(value) > Math.Abs(read) && Math.Abs(read) == format?.MaxValue : read != value;
        if (overflows || value == 0 && read != 0) throw cursor.Fail($"found {ConstantText.Single(value)}, which {type.Name()} cannot represent", start);
        return code;
    }

    private static bool AtHex(TextCursor cursor) => cursor.Kind == TokenKind.Number && cursor.Span.StartsWith("0x");

    // Raw bits, for what no decimal number can say.
    private static ulong Hex(TextCursor cursor, int bits)
    {
        if (!ulong.TryParse(cursor.Span[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value) || bits < 64 && value >> bits != 0)
            throw cursor.Expected($"{bits} bits in hexadecimal");
        cursor.Advance();
        return value;
    }
}
