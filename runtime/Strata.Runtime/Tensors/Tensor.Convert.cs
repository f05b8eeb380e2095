using System.Numerics;
using System.Runtime.InteropServices;

namespace Strata.Tensors;

/// <summary>Conversions between any numeric element type and the wide types in which reference evaluations compute.</summary>
public sealed partial class Tensor
{
    /// <summary>All elements as binary64; exact for every type but 64-bit integers beyond 2^53. Complex: the real part.</summary>
    public double[] ToDoubles()
    {
        var result = new double[Count];
        switch (ElementType)
        {
            case ElementType.Float32: Widen<float>(result, static x => x); break;
            case ElementType.Float64: Span<double>().CopyTo(result); break;
            case ElementType.Float16: Widen<Half>(result, static x => (double)x); break;
            case ElementType.Int64: Widen<long>(result, static x => x); break;
            case ElementType.UInt64: Widen<ulong>(result, static x => x); break;
            case ElementType.Complex64 or ElementType.Complex128:
                var complex = ToComplex();
                for (int i = 0; i < result.Length; i++) result[i] = complex[i].Real;
                break;
            case ElementType.String: throw new InvalidInputException("a string tensor has no numeric value");
            default:
                if (SmallFloat.Of(ElementType) is { } format)
                {
                    for (int i = 0; i < result.Length; i++) result[i] = format.Decode(GetBits(i));
                }
                else
                {
                    var integers = ToInt64s();
                    for (int i = 0; i < result.Length; i++) result[i] = integers[i];
                }
                break;
        }
        return result;
    }

    /// <summary>All elements as 64-bit integers; floats are truncated toward zero, u64 keeps its bits.</summary>
    public long[] ToInt64s()
    {
        var result = new long[Count];
        switch (ElementType)
        {
            case ElementType.Int64: Span<long>().CopyTo(result); break;
            case ElementType.UInt64: Widen<ulong>(result, static x => unchecked((long)x)); break;
            case ElementType.Int32: Widen<int>(result, static x => x); break;
            case ElementType.UInt32: Widen<uint>(result, static x => x); break;
            case ElementType.Int16: Widen<short>(result, static x => x); break;
            case ElementType.UInt16: Widen<ushort>(result, static x => x); break;
            case ElementType.Int8: Widen<sbyte>(result, static x => x); break;
            case ElementType.UInt8: Widen<byte>(result, static x => x); break;
            case ElementType.Bool: Widen<byte>(result, static x => x != 0 ? 1 : 0); break;
            case ElementType.Int4 or ElementType.Int2:
                int shift = 64 - ElementType.Bits();
                for (int i = 0; i < result.Length; i++) result[i] = (long)GetBits(i) << shift >> shift;
                break;
            case ElementType.UInt4 or ElementType.UInt2:
                for (int i = 0; i < result.Length; i++) result[i] = GetBits(i);
                break;
            default:
                var doubles = ToDoubles();
                for (int i = 0; i < result.Length; i++) result[i] = (long)doubles[i];
                break;
        }
        return result;
    }

    /// <summary>All elements as complex numbers; real types have a zero imaginary part.</summary>
    public Complex[] ToComplex()
    {
        var result = new Complex[Count];
        if (ElementType == ElementType.Complex128) MemoryMarshal.Cast<byte, Complex>(bytes.Span).CopyTo(result);
        else if (ElementType == ElementType.Complex64)
        {
            var parts = MemoryMarshal.Cast<byte, float>(bytes.Span);
            for (int i = 0; i < result.Length; i++) result[i] = new(parts[2 * i], parts[2 * i + 1]);
        }
        else
        {
            var doubles = ToDoubles();
            for (int i = 0; i < result.Length; i++) result[i] = doubles[i];
        }
        return result;
    }

    /// <summary>
    /// Rounds binary64 values to a type: floats to nearest even (<paramref name="saturate"/> bounds small formats by their
    /// largest finite value), integers by truncation toward zero and wrapping, bool by comparison with zero.
    /// </summary>
    public static Tensor FromDoubles(ElementType type, ReadOnlySpan<int> dims, ReadOnlySpan<double> values, bool saturate = false)
    {
        var tensor = Zeros(type, dims);
        switch (type)
        {
            case ElementType.String: throw new InvalidInputException("a number is no string");
            case ElementType.Float32: Narrow<double, float>(values, tensor, static x => (float)x); break;
            case ElementType.Float64: values.CopyTo(tensor.MutableSpan<double>()); break;
            case ElementType.Float16: Narrow<double, Half>(values, tensor, static x => (Half)x); break;
            case ElementType.Bool: Narrow<double, bool>(values, tensor, static x => x != 0); break;
            case ElementType.UInt64: Narrow<double, ulong>(values, tensor, static x => x >= 0 ? (ulong)x : unchecked((ulong)(long)x)); break;
            case ElementType.Complex64 or ElementType.Complex128:
                var complex = new Complex[values.Length];
                for (int i = 0; i < complex.Length; i++) complex[i] = values[i];
                return FromComplex(type, dims, complex);
            default:
                if (SmallFloat.Of(type) is { } format)
                {
                    for (int i = 0; i < values.Length; i++) tensor.SetBits(i, format.Encode(values[i], saturate));
                    return tensor;
                }
                var integers = new long[values.Length];
                for (int i = 0; i < integers.Length; i++) integers[i] = (long)values[i];
                return FromInt64s(type, dims, integers);
        }
        return tensor;
    }

    /// <summary>Converts 64-bit integers to a type; narrower integers keep the low bits.</summary>
    public static Tensor FromInt64s(ElementType type, ReadOnlySpan<int> dims, ReadOnlySpan<long> values)
    {
        var tensor = Zeros(type, dims);
        switch (type)
        {
            case ElementType.Int64: values.CopyTo(tensor.MutableSpan<long>()); break;
            case ElementType.UInt64: Narrow<long, ulong>(values, tensor, static x => unchecked((ulong)x)); break;
            case ElementType.Int32: Narrow<long, int>(values, tensor, static x => unchecked((int)x)); break;
            case ElementType.UInt32: Narrow<long, uint>(values, tensor, static x => unchecked((uint)x)); break;
            case ElementType.Int16: Narrow<long, short>(values, tensor, static x => unchecked((short)x)); break;
            case ElementType.UInt16: Narrow<long, ushort>(values, tensor, static x => unchecked((ushort)x)); break;
            case ElementType.Int8: Narrow<long, sbyte>(values, tensor, static x => unchecked((sbyte)x)); break;
            case ElementType.UInt8: Narrow<long, byte>(values, tensor, static x => unchecked((byte)x)); break;
            case ElementType.Bool: Narrow<long, bool>(values, tensor, static x => x != 0); break;
            case ElementType.Int4 or ElementType.UInt4 or ElementType.Int2 or ElementType.UInt2:
                for (int i = 0; i < values.Length; i++) tensor.SetBits(i, unchecked((int)values[i]));
                break;
            case ElementType.Float32: Narrow<long, float>(values, tensor, static x => x); break;
            case ElementType.Float64: Narrow<long, double>(values, tensor, static x => x); break;
            default:
                var doubles = new double[values.Length];
                for (int i = 0; i < doubles.Length; i++) doubles[i] = values[i];
                return FromDoubles(type, dims, doubles);
        }
        return tensor;
    }

    /// <summary>Rounds complex numbers to a complex type.</summary>
    public static Tensor FromComplex(ElementType type, ReadOnlySpan<int> dims, ReadOnlySpan<Complex> values)
    {
        var tensor = Zeros(type, dims);
        if (type == ElementType.Complex128) values.CopyTo(tensor.MutableSpan<Complex>());
        else
        {
            var parts = MemoryMarshal.Cast<byte, float>(tensor.bytes.Span);
            for (int i = 0; i < values.Length; i++) (parts[2 * i], parts[2 * i + 1]) = ((float)values[i].Real, (float)values[i].Imaginary);
        }
        return tensor;
    }

    /// <summary>The raw code of element <paramref name="index"/> of a type of at most 16 bits.</summary>
    internal int GetBits(int index)
    {
        int width = ElementType.Bits();
        var span = bytes.Span;
        if (width == 8) return span[index];
        if (width == 16) return span[2 * index] | span[2 * index + 1] << 8;
        long bit = (long)index * width;
        int result = 0;
        for (int done = 0; done < width;)
        {
            int offset = (int)(bit & 7), take = Math.Min(8 - offset, width - done);
            result |= ((span[(int)(bit >> 3)] >> offset) & ((1 << take) - 1)) << done;
            done += take;
            bit += take;
        }
        return result;
    }

    /// <summary>Sets the raw code of an element that is still zero, of a type of at most 16 bits.</summary>
    internal void SetBits(int index, int code)
    {
        int width = ElementType.Bits();
        var span = bytes.Span;
        long bit = (long)index * width;
        for (int done = 0; done < width;)
        {
            int offset = (int)(bit & 7), take = Math.Min(8 - offset, width - done);
            span[(int)(bit >> 3)] |= (byte)(((code >> done) & ((1 << take) - 1)) << offset);
            done += take;
            bit += take;
        }
    }

    private void Widen<T>(Span<double> result, Func<T, double> convert) where T : unmanaged
    {
        var source = Span<T>();
        for (int i = 0; i < result.Length; i++) result[i] = convert(source[i]);
    }

    private void Widen<T>(Span<long> result, Func<T, long> convert) where T : unmanaged
    {
        var source = Span<T>();
        for (int i = 0; i < result.Length; i++) result[i] = convert(source[i]);
    }

    private static void Narrow<TFrom, TTo>(ReadOnlySpan<TFrom> values, Tensor tensor, Func<TFrom, TTo> convert) where TTo : unmanaged
    {
        var target = tensor.MutableSpan<TTo>();
        for (int i = 0; i < values.Length; i++) target[i] = convert(values[i]);
    }
}
