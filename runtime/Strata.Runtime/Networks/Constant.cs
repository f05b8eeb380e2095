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
    public static ContentHash Of(Tensor tensor) => Of(Constant.Of(tensor));

    /// <summary>The hash of a constant's elements, which are read block by block.</summary>
    internal static ContentHash Of(Constant constant)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(Encoding.UTF8.GetBytes($"{constant.Type.ElementType.Name()}[{Tensor.Format(constant.Dims)}]\n"));
        if (constant.Type.ElementType == ElementType.String)
        {
            // UTF-16, not UTF-8: the latter would make all unpaired surrogates the same.
            Span<byte> length = stackalloc byte[4];
            foreach (string item in constant.Materialize().Strings)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, item.Length);
                sha.AppendData(length);
                sha.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(item.AsSpan()));
            }
        }
        else constant.ReadBlocks(block => sha.AppendData(block.Span));
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
    private object? hash; // a ContentHash once it is known; as a field, its 128-bit integers would keep code that handles constants from being compiled beforehand
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

    /// <summary>The identity of the content; reads the elements once to compute it, block by block.</summary>
    public ContentHash Hash
    {
        get
        {
            lock (gate)
            {
                return (ContentHash)(hash ??= ComputeHash());
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
            if (Materialized is { } known) return known;
            var tensor = Load();
            cache = new(tensor);
            return tensor;
        }
    }

    /// <summary>
    /// Reads the bytes of the elements front to back, in blocks that may be looked at during the call only. What is not
    /// in memory stays out of it: ranges of a source are read piece by piece, elementwise expressions are evaluated row by row.
    /// </summary>
    /// <exception cref="StrataFormatException">The source is corrupt; blocks may have been seen before that is known.</exception>
    public void ReadBlocks(Action<ReadOnlyMemory<byte>> see)
    {
        if (Materialized is { } known) see(known.Bytes);
        else LoadBlocks(see);
    }

    /// <summary>Rows <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/>; the dimensions are the constant's but along <see cref="RowAxis"/>.</summary>
    internal Tensor ReadRows(int first, int count) => Materialized is { } known ? RowsOf(known, first, count) : LoadRows(first, count);

    /// <summary>The first axis that has other than one element, or −1 where there is none or a row is no whole number of bytes.</summary>
    internal int RowAxis
    {
        get
        {
            int axis = Dims.IndexOfAnyExcept(1);
            return axis < 0 || Count == 0 || Type.ElementType == ElementType.String || (long)Count / Dims[axis] * Type.ElementType.Bits() % 8 != 0 ? -1 : axis;
        }
    }

    private protected static int EvaluationsOf(Constant? constant) => constant switch
    {
        DeferredConstant deferred => deferred.Evaluations,
        Requantized requantized => EvaluationsOf(requantized.Elements),
        _ => 0,
    };

    private protected Tensor? Materialized => cache is not null && cache.TryGetTarget(out var known) ? known : null;

    private protected long RowBytes => ByteCount / Dims[RowAxis];

    private protected int[] RowDims(int count)
    {
        int[] dims = [.. Dims];
        dims[RowAxis] = count;
        return dims;
    }

    /// <summary>Produces the elements, dense, of the declared type and dimensions.</summary>
    protected abstract Tensor Load();

    /// <summary>Produces the bytes of the elements in blocks; all at once unless there is a better way.</summary>
    protected virtual void LoadBlocks(Action<ReadOnlyMemory<byte>> see) => see(Materialize().Bytes);

    /// <summary>Materialises, for as long as the list is held, what reading row by row would load again for every row.</summary>
    internal virtual void Hold(List<Tensor> held) => held.Add(Materialize());

    private protected virtual Tensor LoadRows(int first, int count) => RowsOf(Materialize(), first, count);

    private protected virtual ContentHash ComputeHash() => ContentHash.Of(this);

    private Tensor RowsOf(Tensor tensor, int first, int count) => Tensor.FromBytes(Type.ElementType, RowDims(count),
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(tensor.Bytes).Slice((int)(first * RowBytes), (int)(count * RowBytes)));

    /// <summary>True when both hold the same elements, type and dimensions, bit for bit.</summary>
    public bool ContentEquals(Constant other) => ReferenceEquals(this, other)
        || Type.ElementType == other.Type.ElementType && Dims.SequenceEqual(other.Dims) && Hash == other.Hash;

    private sealed class InMemory(Tensor tensor) : Constant(TensorType.Of(tensor))
    {
        protected override Tensor Load() => tensor;
    }

    private sealed class Requantized(Constant elements, TensorType type) : Constant(type)
    {
        public Constant Elements => elements;

        protected override Tensor Load() => elements.Materialize();

        protected override void LoadBlocks(Action<ReadOnlyMemory<byte>> see) => elements.ReadBlocks(see);

        internal override void Hold(List<Tensor> held) => elements.Hold(held);

        private protected override Tensor LoadRows(int first, int count) => elements.ReadRows(first, count);

        private protected override ContentHash ComputeHash() => elements.Hash;
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
        : base(type)
    {
        (Operator, Operands, this.evaluate) = (op, operands, evaluate);
        Evaluations = (int)Math.Min(int.MaxValue, 1 + operands.Sum(o => (long)EvaluationsOf(o)));
    }

    /// <summary>Most <see cref="Evaluations"/> of an expression that should stay one: beyond, evaluate it.</summary>
    public const int MostEvaluations = 64;

    /// <summary>How many evaluations reading the constant takes where nothing is shared: those of operands included.</summary>
    public int Evaluations { get; }

    /// <summary>What is applied.</summary>
    public Operator Operator { get; }

    /// <summary>What it is applied to; null for an omitted operand.</summary>
    public IReadOnlyList<Constant?> Operands { get; }

    // Evaluations widen elements to 64 bits, several times; so few of them at once die young.
    private const int BlockBytes = 32 << 10;

    /// <inheritdoc/>
    protected override Tensor Load()
    {
        if (!HasRows || ByteCount <= BlockBytes) return Evaluate([.. Operands.Select(o => o?.Materialize())], Dims);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)ByteCount));
        int done = 0;
        LoadBlocks(block =>
        {
            block.CopyTo(bytes.AsMemory(done));
            done += block.Length;
        });
        return Tensor.FromBytes(Type.ElementType, Dims, bytes);
    }

    /// <inheritdoc/>
    protected override void LoadBlocks(Action<ReadOnlyMemory<byte>> see)
    {
        if (!HasRows)
        {
            base.LoadBlocks(see);
            return;
        }
        int rows = Dims[RowAxis], atOnce = (int)Math.Clamp(BlockBytes / RowBytes, 1, rows);
        var held = new List<Tensor>();
        Hold(held);
        for (int first = 0; first < rows; first += atOnce) see(LoadRows(first, Math.Min(atOnce, rows - first)).Bytes);
        GC.KeepAlive(held);
    }

    internal override void Hold(List<Tensor> held)
    {
        if (!HasRows) base.Hold(held);
        else
        {
            foreach (var operand in Operands.OfType<Constant>())
            {
                if (IsSplit(operand)) operand.Hold(held);
                else held.Add(operand.Materialize());
            }
        }
    }

    private protected override Tensor LoadRows(int first, int count) => HasRows
        ? Evaluate([.. Operands.Select(o => o is null ? null : IsSplit(o) ? o.ReadRows(first, count) : o.Materialize())], RowDims(count))
        : base.LoadRows(first, count);

    // Rows of operands are not kept, so an operand used twice is evaluated twice.
    private bool HasRows => Operator.IsElementwise && Evaluations <= MostEvaluations && RowAxis >= 0 && Operands.All(o => o is null || !IsSplit(o) || o.RowAxis >= 0);

    // Whether the axis of the rows is one of the operand, and not one along which it is repeated.
    private bool IsSplit(Constant operand)
    {
        int axis = RowAxis - (Dims.Length - operand.Dims.Length);
        return axis >= 0 && operand.Dims[axis] != 1;
    }

    private Tensor Evaluate(IReadOnlyList<Tensor?> operands, ReadOnlySpan<int> dims)
    {
        var result = evaluate(Operator, operands);
        return result.ElementType == Type.ElementType && result.Dims.AsSpan().SequenceEqual(dims)
            ? result
            : throw new InvalidNetworkException($"a deferred constant declared {Type} evaluated to {result}{(dims.SequenceEqual(Dims) ? "" : $" where [{Tensor.Format(dims)}] of it were asked for")}");
    }
}

/// <summary>A constant whose bytes are a range of some source: an external data file, a section of an encoded network.</summary>
public sealed class SourceConstant : Constant
{
    private readonly IByteSource source;
    private readonly long offset;

    /// <summary>Refers to the raw little-endian bytes at <paramref name="offset"/>.</summary>
    /// <exception cref="StrataFormatException">The range does not lie within the source.</exception>
    /// <exception cref="ResourceLimitException">It is longer than a tensor may be.</exception>
    public SourceConstant(IByteSource source, long offset, TensorType type) : base(type)
    {
        (this.source, this.offset) = (source, offset);
        if (ByteCount > Limits.TensorBytes) throw new ResourceLimitException($"{source.Name}: {type} has {ByteCount} bytes, a tensor has at most {Limits.TensorBytes}");
        if (offset < 0 || source.Length - offset < ByteCount)
            throw new StrataFormatException($"{source.Name}: {type} needs {ByteCount} bytes at offset {offset}, the file has {source.Length}");
    }

    /// <inheritdoc/>
    protected override Tensor Load() => Read(offset, ByteCount, Dims);

    /// <inheritdoc/>
    protected override void LoadBlocks(Action<ReadOnlyMemory<byte>> see) => source.ReadBlocks(offset, ByteCount, (block, position) =>
    {
        if (position + block.Length == ByteCount) Tensor.ClearPadding(Type.ElementType, Count, block.Span);
        see(block);
    });

    internal override void Hold(List<Tensor> held)
    {
        if (RowAxis < 0) base.Hold(held);
    }

    private protected override Tensor LoadRows(int first, int count) => Read(offset + first * RowBytes, count * RowBytes, RowDims(count));

    private Tensor Read(long from, long length, ReadOnlySpan<int> dims)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)length));
        source.Read(from, bytes);
        return Tensor.FromBytes(Type.ElementType, dims, bytes);
    }
}
