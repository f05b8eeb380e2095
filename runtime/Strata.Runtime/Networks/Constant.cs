using System.Security.Cryptography;
using System.Text;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>SHA-256 over element type, dimensions and elements of a constant: its identity.</summary>
public readonly record struct ContentHash(UInt128 High, UInt128 Low)
{
    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => High.ToString("x32", null) + Low.ToString("x32", null);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ContentHash hash)
    {
        hash = default;
        const System.Globalization.NumberStyles Hex = System.Globalization.NumberStyles.AllowHexSpecifier;
        if (text.Length != 64 || !UInt128.TryParse(text[..32], Hex, null, out var high) || !UInt128.TryParse(text[32..], Hex, null, out var low)) return false;
        hash = new(high, low);
        return true;
    }

    /// <summary>The hash of a tensor.</summary>
    public static ContentHash Of(Tensor tensor)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes(tensor.ToString() + "\n"));
        if (tensor.ElementType == ElementType.String)
        {
            // UTF-16, not UTF-8: the latter would make all unpaired surrogates the same.
            Span<byte> length = stackalloc byte[4];
            foreach (string item in tensor.Strings)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, item.Length);
                sha.AppendData(length);
                sha.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(item.AsSpan()));
            }
        }
        else sha.AppendData(tensor.Bytes.Span);
        Span<byte> digest = stackalloc byte[32];
        sha.GetHashAndReset(digest);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}

/// <summary>
/// A handle to a constant tensor: its type is known, its elements are materialised on demand and may be evicted again.
/// Immutable and thread-safe.
/// </summary>
public abstract class Constant
{
    private WeakReference<Tensor>? cache;
    private (bool Known, ContentHash Hash) hash;
    private readonly Lock gate = new();

    /// <summary>Creates a handle of a type whose shape is constant.</summary>
    protected Constant(TensorType type)
    {
        Type = type;
        if (type.Shape?.Constant is null) throw new InvalidNetworkException($"a constant needs a constant shape, got {type}");
        Count = Tensor.CountOf(type.Shape.Constant);
    }

    /// <summary>Element type, shape, quantisation.</summary>
    public TensorType Type { get; }

    /// <summary>The dimensions.</summary>
    public ReadOnlySpan<int> Dims => Type.Shape!.Constant;

    /// <summary>Number of elements.</summary>
    public int Count { get; }

    /// <summary>Bytes of the elements when dense; 0 for strings.</summary>
    public long ByteCount => Type.ElementType.ByteCount(Count);

    /// <summary>The identity of the content; materialises the elements once to compute it.</summary>
    public ContentHash Hash
    {
        get
        {
            lock (gate)
            {
                if (!hash.Known) hash = (true, ContentHash.Of(Materialize()));
                return hash.Hash;
            }
        }
    }

    /// <summary>Wraps a tensor in memory.</summary>
    public static Constant Of(Tensor tensor) => new InMemory(tensor);

    /// <summary>The same elements under a type with another quantisation.</summary>
    public Constant WithQuantization(Quantization? quantization) => Equals(quantization, Type.Quantization)
        ? this
        : new Requantized(this, Type with { Quantization = quantization });

    /// <summary>The dense elements. Kept only as long as someone uses them, unless they live in memory anyway.</summary>
    /// <exception cref="StrataFormatException">The source is corrupt.</exception>
    public Tensor Materialize()
    {
        lock (gate)
        {
            if (cache is not null && cache.TryGetTarget(out var known)) return known;
            var tensor = Load();
            cache = new(tensor);
            return tensor;
        }
    }

    /// <summary>Produces the elements, dense, of the declared type and dimensions.</summary>
    protected abstract Tensor Load();

    /// <summary>True when both hold the same elements, type and dimensions, bit for bit.</summary>
    public bool ContentEquals(Constant other) => ReferenceEquals(this, other)
        || Type.ElementType == other.Type.ElementType && Dims.SequenceEqual(other.Dims) && Hash == other.Hash;

    private sealed class InMemory(Tensor tensor) : Constant(TensorType.Of(tensor))
    {
        protected override Tensor Load() => tensor;
    }

    private sealed class Requantized(Constant elements, TensorType type) : Constant(type)
    {
        protected override Tensor Load() => elements.Materialize();
    }
}

/// <summary>
/// A constant that an operator computes from constants (a transpose, a slice, a dequantisation): nothing is materialised
/// until someone asks.
/// </summary>
public sealed class DeferredConstant : Constant
{
    private readonly Func<Operator, IReadOnlyList<Tensor?>, Tensor> evaluate;

    /// <summary>Creates the expression <c>operator(operands)</c>; the evaluator runs it, usually by reference evaluation.</summary>
    public DeferredConstant(Operator op, IReadOnlyList<Constant?> operands, TensorType type, Func<Operator, IReadOnlyList<Tensor?>, Tensor> evaluate)
        : base(type) => (Operator, Operands, this.evaluate) = (op, operands, evaluate);

    /// <summary>What is applied.</summary>
    public Operator Operator { get; }

    /// <summary>What it is applied to; null for an omitted operand.</summary>
    public IReadOnlyList<Constant?> Operands { get; }

    /// <inheritdoc/>
    protected override Tensor Load()
    {
        var result = evaluate(Operator, [.. Operands.Select(o => o?.Materialize())]);
        return result.ElementType == Type.ElementType && result.Dims.AsSpan().SequenceEqual(Dims)
            ? result
            : throw new InvalidNetworkException($"a deferred constant declared {Type} evaluated to {result}");
    }
}

/// <summary>A constant whose bytes are a range of some source: an external data file, a section of an encoded network.</summary>
public sealed class SourceConstant : Constant
{
    private readonly IByteSource source;
    private readonly long offset;

    /// <summary>Refers to the raw little-endian bytes at <paramref name="offset"/>.</summary>
    /// <exception cref="StrataFormatException">The range does not lie within the source.</exception>
    public SourceConstant(IByteSource source, long offset, TensorType type) : base(type)
    {
        (this.source, this.offset) = (source, offset);
        if (offset < 0 || source.Length - offset < ByteCount)
            throw new StrataFormatException($"{source.Name}: {type} needs {ByteCount} bytes at offset {offset}, the file has {source.Length}");
    }

    /// <inheritdoc/>
    protected override Tensor Load()
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)ByteCount));
        source.Read(offset, bytes);
        return Tensor.FromBytes(Type.ElementType, Dims, bytes);
    }
}
