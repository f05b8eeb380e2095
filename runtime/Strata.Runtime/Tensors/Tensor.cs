using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Strata.Tensors;

/// <summary>
/// A dense tensor in row-major order: element type, dimensions, bytes (little-endian; sub-byte types packed, lowest bits
/// first) or strings. Immutable for everyone but its maker.
/// </summary>
public sealed partial class Tensor : RuntimeValue
{
    // A reference to a string and the string's own header.
    internal const int StringBytes = 32;

    private readonly Memory<byte> bytes;
    private readonly string[]? strings;

    private Tensor(ElementType type, ImmutableArray<int> dims, Memory<byte> bytes, string[]? strings)
    {
        (ElementType, Dims, this.bytes, this.strings) = (type, dims, bytes, strings);
        Count = CountOf(dims.AsSpan());
    }

    /// <summary>The element type.</summary>
    public ElementType ElementType { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public ImmutableArray<int> Dims { get; }

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dims.Length;

    /// <summary>Number of elements: the product of <see cref="Dims"/>.</summary>
    public int Count { get; }

    /// <summary>The elements' bytes; empty for strings.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    internal override long Footprint => strings is null ? bytes.Length : strings.Sum(static s => StringBytes + 2L * s.Length);

    /// <summary>The elements of a string tensor.</summary>
    /// <exception cref="InvalidInputException">The tensor holds no strings.</exception>
    public ReadOnlySpan<string> Strings => strings ?? throw new InvalidInputException($"a tensor of {ElementType.Name()} has no strings");

    /// <summary>Creates a tensor of zeros (of empty strings).</summary>
    /// <exception cref="ResourceLimitException">The tensor would exceed <see cref="Limits.TensorBytes"/>.</exception>
    public static Tensor Zeros(ElementType type, params ReadOnlySpan<int> dims)
    {
        int count = CountOf(dims);
        if (type != ElementType.String) return new(type, [.. dims], new byte[ByteLength(type, count)], null);
        var strings = new string[count];
        Array.Fill(strings, "");
        return new(type, [.. dims], default, strings);
    }

    /// <summary>Wraps bytes without copying them; the caller gives them up.</summary>
    /// <exception cref="InvalidInputException">The length does not fit type and dimensions.</exception>
    public static Tensor FromBytes(ElementType type, ReadOnlySpan<int> dims, Memory<byte> bytes)
    {
        int expected = ByteLength(type, CountOf(dims));
        if (type == ElementType.String || bytes.Length != expected)
            throw new InvalidInputException($"{type.Name()}[{Format(dims)}] occupies {expected} bytes, got {bytes.Length}");
        if (HasPadding(type, CountOf(dims), bytes.Span))
        {
            bytes = bytes.ToArray();
            ClearPadding(type, CountOf(dims), bytes.Span);
        }
        return new(type, [.. dims], bytes, null);
    }

    /// <summary>Clears the bits after the last packed element of a tensor, so that equal elements are equal bytes, in its last bytes.</summary>
    internal static void ClearPadding(ElementType type, int count, Span<byte> last)
    {
        if (HasPadding(type, count, last)) last[^1] &= (byte)((1 << UsedBits(type, count)) - 1);
    }

    private static bool HasPadding(ElementType type, int count, ReadOnlySpan<byte> last) => UsedBits(type, count) is > 0 and var used && last[^1] >> used != 0;

    // Of the last byte; 0 where elements fill it.
    private static int UsedBits(ElementType type, int count) => (int)((long)count * type.Bits() % 8);

    /// <summary>Creates a tensor by copying elements whose .NET type matches an element type.</summary>
    public static Tensor From<T>(ReadOnlySpan<int> dims, ReadOnlySpan<T> elements) where T : unmanaged
    {
        var tensor = Zeros(TypeOf<T>(), dims);
        if (tensor.Count != elements.Length)
            throw new InvalidInputException($"[{Format(dims)}] holds {tensor.Count} elements, got {elements.Length}");
        elements.CopyTo(tensor.MutableSpan<T>());
        return tensor;
    }

    /// <summary>Creates a string tensor.</summary>
    public static Tensor FromStrings(ReadOnlySpan<int> dims, params string[] elements)
    {
        if (CountOf(dims) != elements.Length)
            throw new InvalidInputException($"[{Format(dims)}] holds {CountOf(dims)} elements, got {elements.Length}");
        return new(ElementType.String, [.. dims], default, elements);
    }

    /// <summary>A rank-0 tensor.</summary>
    public static Tensor Scalar<T>(T value) where T : unmanaged => From([], [value]);

    /// <summary>A rank-1 tensor.</summary>
    public static Tensor Vector<T>(params ReadOnlySpan<T> values) where T : unmanaged => From([values.Length], values);

    /// <summary>The elements as a .NET type of the same width (f32 as <see cref="float"/>, bf16 as <see cref="ushort"/>, bool as <see cref="bool"/> or <see cref="byte"/>).</summary>
    public ReadOnlySpan<T> Span<T>() where T : unmanaged => MutableSpan<T>();

    internal Span<T> MutableSpan<T>() where T : unmanaged
    {
        CheckWidth<T>(ElementType);
        return MemoryMarshal.Cast<byte, T>(bytes.Span);
    }

    /// <summary>The bytes of elements as a .NET type of the same width.</summary>
    internal static ReadOnlySpan<T> Read<T>(ElementType type, ReadOnlySpan<byte> bytes) where T : unmanaged
    {
        CheckWidth<T>(type);
        return MemoryMarshal.Cast<byte, T>(bytes);
    }

    private static void CheckWidth<T>(ElementType type) where T : unmanaged
    {
        if (type == ElementType.String || type.Bits() != 8 * System.Runtime.CompilerServices.Unsafe.SizeOf<T>())
            throw new InvalidInputException($"a tensor of {type.Name()} cannot be read as {typeof(T).Name}");
    }

    internal Span<byte> MutableBytes => bytes.Span;

    internal Span<string> MutableStrings => strings;

    /// <summary>The same elements under other dimensions; storage is shared.</summary>
    /// <exception cref="InvalidInputException">The number of elements differs.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> dims) => CountOf(dims) == Count
        ? new(ElementType, [.. dims], bytes, strings)
        : throw new InvalidInputException($"cannot reshape [{Format(Dims.AsSpan())}] to [{Format(dims)}]: {Count} elements against {CountOf(dims)}");

    /// <summary>The same bytes under another element type of the same width.</summary>
    public Tensor Reinterpret(ElementType type) => type.Bits() == ElementType.Bits() && type != ElementType.String
        ? new(type, Dims, bytes, null)
        : throw new InvalidInputException($"{ElementType.Name()} and {type.Name()} differ in width");

    /// <summary>True when type, dimensions and every bit agree.</summary>
    public bool BitEquals(Tensor other) => ElementType == other.ElementType
        && Dims.AsSpan().SequenceEqual(other.Dims.AsSpan())
        && (strings is null ? bytes.Span.SequenceEqual(other.bytes.Span) : strings.AsSpan().SequenceEqual(other.strings));

    /// <summary>Type and dimensions, such as <c>f32[1, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{ElementType.Name()}[{Format(Dims.AsSpan())}]";

    internal static int CountOf(ReadOnlySpan<int> dims)
    {
        if (dims.Length > Limits.Rank) throw new ResourceLimitException($"rank {dims.Length} exceeds {Limits.Rank}");
        long count = 1;
        bool zero = false;
        foreach (int dim in dims)
        {
            if (dim < 0) throw new InvalidInputException($"negative dimension {dim} in [{Format(dims)}]");
            zero |= dim == 0;
            count = Math.Min(count * Math.Max(dim, 1), 1L << 31);
        }
        if (zero) return 0;
        return count <= int.MaxValue ? (int)count : throw new ResourceLimitException($"[{Format(dims)}] has more than {int.MaxValue} elements");
    }

    internal static string Format(ReadOnlySpan<int> dims) => string.Join(", ", dims.ToArray());

    internal static ElementType TypeOf<T>() where T : unmanaged => TypesByClrType.TryGetValue(typeof(T), out var type)
        ? type
        : throw new InvalidInputException($"{typeof(T).Name} is not the .NET type of an element type");

    private static readonly Dictionary<Type, ElementType> TypesByClrType = new()
    {
        [typeof(float)] = ElementType.Float32,
        [typeof(double)] = ElementType.Float64,
        [typeof(Half)] = ElementType.Float16,
        [typeof(sbyte)] = ElementType.Int8,
        [typeof(byte)] = ElementType.UInt8,
        [typeof(short)] = ElementType.Int16,
        [typeof(ushort)] = ElementType.UInt16,
        [typeof(int)] = ElementType.Int32,
        [typeof(uint)] = ElementType.UInt32,
        [typeof(long)] = ElementType.Int64,
        [typeof(ulong)] = ElementType.UInt64,
        [typeof(bool)] = ElementType.Bool,
        [typeof(Complex)] = ElementType.Complex128,
    };

    private static int ByteLength(ElementType type, int count)
    {
        long length = type.ByteCount(count);
        return length <= Limits.TensorBytes ? (int)length : throw new ResourceLimitException($"a tensor of {length} bytes exceeds the limit of {Limits.TensorBytes}");
    }
}
