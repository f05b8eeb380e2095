using System.Runtime.ExceptionServices;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>Bounds and choices of decoding.</summary>
public sealed record DecodeOptions
{
    /// <summary>The operators that a network may use.</summary>
    public IOperatorSet Operators { get; init; } = OperatorCatalog.Standard;

    /// <summary>Most bytes that materialised constants may occupy.</summary>
    public long MaxMemory { get; init; } = Limits.DefaultMaxMemory;

    /// <summary>Constants decoded at the same time by <see cref="EncodedNetwork.MaterializeAll"/>.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>How a constant is stored.</summary>
/// <param name="Constant">The handle.</param>
/// <param name="Codec">Name of the codec.</param>
/// <param name="Bytes">Length of the payload.</param>
/// <param name="IsInline">True when the payload stands in the header.</param>
public sealed record ConstantRecord(Constant Constant, string Codec, long Bytes, bool IsInline);

/// <summary>How a layer is stored. The network itself has the id −1.</summary>
/// <param name="Id">Position in execution order.</param>
/// <param name="Name">The layer's name.</param>
/// <param name="Operator">The operator's name in the text form.</param>
/// <param name="HeaderBytes">Length of the header.</param>
/// <param name="DataOffset">Where its data starts in the file.</param>
/// <param name="DataBytes">Length of its data.</param>
/// <param name="Constants">The constants that it owns; equal ones of later layers refer to these.</param>
public sealed record LayerRecord(int Id, string Name, string Operator, long HeaderBytes, long DataOffset, long DataBytes, IReadOnlyList<ConstantRecord> Constants);

/// <summary>Bytes of a file's headers by what they say; fractions where they are entropy-coded.</summary>
/// <param name="Topology">Operators, attributes, types, and how values connect layers.</param>
/// <param name="Names">Names of layers, values and symbols.</param>
/// <param name="Constants">Elements of constants that stand in headers, lengths and checksums of the others.</param>
public sealed record HeaderSizes(double Topology, double Names, double Constants);

/// <summary>
/// An encoded network that is open for reading: headers are read and verified, constants are decoded when materialised.
/// </summary>
public sealed class EncodedNetwork : IDisposable
{
    private readonly IByteSource source;
    private readonly IDisposable? owned;
    private readonly FileDirectory directory;
    private readonly DecodeOptions options;

    private EncodedNetwork(IByteSource source, IDisposable? owned, DecodeOptions options, System.Text.StringBuilder? trace = null)
    {
        (this.source, this.owned, this.options) = (source, owned, options);
        directory = FileDirectory.Read(source);
        var reader = new NetworkReader(source, directory, options, trace);
        (Network, Constants, Layers, Header) = reader.Read();
        HeaderSizes = reader.HeaderSizes;
    }

    /// <summary>The network; its constants are handles into the file.</summary>
    public Network Network { get; }

    /// <summary>Storage of each layer.</summary>
    public IReadOnlyList<LayerRecord> Layers { get; }

    /// <summary>Storage of what belongs to no layer: signature, symbols, constants that are outputs.</summary>
    public LayerRecord Header { get; }

    /// <summary>What the headers take.</summary>
    public HeaderSizes HeaderSizes { get; }

    /// <summary>All distinct constants in file order.</summary>
    public IReadOnlyList<Constant> Constants { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long FileBytes => directory.FileLength;

    /// <summary>Bytes of all constants when materialised; strings count as much as they can need at most.</summary>
    public long DecodedBytes => Constants.Sum(c => ((EncodedConstant)c).MemoryBytes);

    /// <summary>True when bytes begin as every encoded network does; eight suffice.</summary>
    public static bool HasSignature(ReadOnlySpan<byte> start) => Prologue.HasSignature(start);

    /// <summary>Opens a file.</summary>
    /// <exception cref="StrataFormatException">It is not an encoded network, corrupt, truncated, or of a newer version.</exception>
    /// <exception cref="InvalidNetworkException">Its network breaks a rule.</exception>
    public static EncodedNetwork Open(string path, DecodeOptions? options = null)
    {
        var file = new FileByteSource(path);
        try
        {
            return new(file, file, options ?? new());
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens bytes at hand.</summary>
    /// <inheritdoc cref="Open(string, DecodeOptions?)" path="/exception"/>
    public static EncodedNetwork Open(IByteSource source, DecodeOptions? options = null) => new(source, null, options ?? new());

    /// <summary>
    /// Opens a stream that need not be seekable: returns once the headers have arrived. A constant can be materialised as
    /// soon as its layer has arrived, so earlier layers are usable before the end. Bytes that were read stay in memory.
    /// </summary>
    /// <inheritdoc cref="Open(string, DecodeOptions?)" path="/exception"/>
    public static EncodedNetwork Open(Stream stream, DecodeOptions? options = null)
    {
        options ??= new();
        return new(new StreamByteSource(stream, options.MaxMemory), null, options);
    }

    /// <summary>Reads the constants of one layer: where headers are coded, all of them and the layer's data; else the prologue, two directory entries, the layer's header and its data (and the headers of units whose constants are parameters of its quantised ones). Nothing else.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    /// <inheritdoc cref="Open(string, DecodeOptions?)" path="/exception"/>
    public static LayerRecord ReadLayer(IByteSource source, int layer, DecodeOptions? options = null) => LayerReader.Read(source, layer, options ?? new());

    /// <summary>Lists every header field with its position: prologue, directory, unit headers.</summary>
    /// <inheritdoc cref="Open(string, DecodeOptions?)" path="/exception"/>
    public static string Trace(IByteSource source, DecodeOptions? options = null)
    {
        var trace = new System.Text.StringBuilder();
        FileDirectory.Read(source).Print(trace);
        _ = new EncodedNetwork(source, null, options ?? new(), trace);
        return trace.ToString();
    }

    /// <summary>The optional source section, or null.</summary>
    /// <exception cref="StrataFormatException">It is corrupt.</exception>
    public byte[]? ReadSource() => directory.Find(SectionKind.Source) is { } entry ? directory.ReadSection(source, entry) : null;

    /// <summary>Decodes all constants, in parallel; the result does not depend on the number of threads.</summary>
    /// <param name="progress">Hears of the bytes decoded so far and of all; called by several threads.</param>
    /// <param name="cancel">Stops between constants.</param>
    /// <exception cref="ResourceLimitException">They need more than <see cref="DecodeOptions.MaxMemory"/> together.</exception>
    public IReadOnlyDictionary<Constant, Tensor> MaterializeAll(IProgress<(long Done, long Total)>? progress = null, CancellationToken cancel = default)
    {
        long done = 0, total = DecodedBytes;
        if (total > options.MaxMemory) throw new ResourceLimitException($"{source.Name}: its constants need {total} bytes, the memory limit is {options.MaxMemory}");
        var tensors = new Tensor[Constants.Count];
        try
        {
            Parallel.For(0, tensors.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Threads), CancellationToken = cancel }, i =>
            {
                tensors[i] = Constants[i].Materialize();
                progress?.Report((Interlocked.Add(ref done, ((EncodedConstant)Constants[i]).MemoryBytes), total));
            });
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions.FirstOrDefault(e => e is StrataException) ?? error.InnerExceptions[0]);
        }
        var result = new Dictionary<Constant, Tensor>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < tensors.Length; i++) result[Constants[i]] = tensors[i];
        return result;
    }

    /// <summary>Closes the file; constants can no longer be materialised.</summary>
    public void Dispose() => owned?.Dispose();
}
