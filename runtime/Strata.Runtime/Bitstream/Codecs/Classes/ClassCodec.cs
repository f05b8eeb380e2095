using System.Buffers;
using System.Numerics;
using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>
/// Elements of up to eight bits as symbols, each coded by the table of its class; classes follow from the scales of rows,
/// columns and taps (docs/bitstream.md, "Classes").
/// </summary>
internal sealed class ClassCodec : TensorCodec
{
    /// <summary>Symbols of a stream.</summary>
    public const int TileSymbols = 1 << 22;

    // From so many symbols, or bits of codes, on, lanes for one vector, or for four of them, are worth their states.
    private const int SomeSymbols = 512, ManyBits = 1 << 15;

    private const int LanesContext = 64, TailContext = 65, LengthContext = 66;

    private static readonly int[] s_lanes = [1, 8, 32];

    public override string Name => "classes";

    public override ReadOnlyMemory<byte> Encode(Tensor tensor) => Encode(Symbols.Of(tensor), Symbols.CountOf(tensor.ElementType), tensor.Dims.AsSpan());

    /// <summary>The payload of symbols below a number, of which there is at least one.</summary>
    public static ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> symbols, int symbolCount, ReadOnlySpan<int> dims, int octave = 0)
    {
        var model = ClassModeler.Choose(symbols, symbolCount, dims, octave);
        var description = new IntegerWriter();
        Walk(description, dims, symbolCount, ref model);
        var tiles = Encode(model!, symbols, symbolCount);
        for (int k = 0; k < tiles.Count; k++)
        {
            var (lanes, tail, length) = (tiles[k].Lanes, tiles[k].Tail, tiles[k].Stream.Length);
            WalkTile(description, tiles[k].Count, k + 1 < tiles.Count, ref lanes, ref tail, ref length);
        }
        var writer = new SyntaxWriter();
        ReadOnlyMemory<byte> bytes = description.End();
        writer.Bytes("description", ref bytes, int.MaxValue);
        var payload = new MemoryStream();
        payload.Write(writer.Written.Span);
        foreach (var tile in tiles) payload.Write(tile.Stream.Span);
        return payload.GetBuffer().AsMemory(0, (int)payload.Length);
    }

    /// <summary>The streams of symbols below a number under a model.</summary>
    public static List<ClassTile> Encode(ClassModel model, ReadOnlySpan<byte> symbols, int symbolCount)
    {
        var encoder = new ClassRansEncoder(model.Shares());
        var classes = new byte[model.Levels.Count > 1 ? Math.Min(TileSymbols, symbols.Length) : 0];
        int bits = BitOperations.Log2((uint)Math.Max(1, symbolCount - 1)) + 1;
        var tiles = new List<ClassTile>();
        for (int start = 0; start < symbols.Length; start += TileSymbols)
        {
            int count = Math.Min(TileSymbols, symbols.Length - start), lanes = count < SomeSymbols ? 0 : (long)count * bits < ManyBits ? 1 : 2;
            var own = classes.AsSpan(0, classes.Length > 0 ? count : 0);
            if (!own.IsEmpty) model.Levels.Fill(start, own);
            var (stream, tail) = encoder.Encode(symbols.Slice(start, count), own, s_lanes[lanes]);
            tiles.Add(new(count, lanes, tail, stream));
        }
        return tiles;
    }

    public override void CheckLength(ElementType type, int count, long length)
    {
        if (!Symbols.Suits(type) || count == 0 || length < 2 * sizeof(uint)) throw new StrataFormatException($"{count} elements of {type.Name()} cannot be {length} bytes in classes");
    }

    public override Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims) => Symbols.ToTensor(Decode(payload, Symbols.CountOf(type), dims), type, dims);

    /// <summary>The symbols of a payload.</summary>
    /// <param name="payload">What <see cref="Encode(ReadOnlySpan{byte}, int, ReadOnlySpan{int}, int)"/> gives.</param>
    /// <param name="symbolCount">All symbols are below.</param>
    /// <param name="dims">Dimensions of the tensor, none of them 0.</param>
    /// <param name="vectors">Whether to use vectors; by default where the processor has them.</param>
    /// <exception cref="StrataFormatException">The payload is malformed.</exception>
    public static byte[] Decode(ReadOnlyMemory<byte> payload, int symbolCount, ReadOnlySpan<int> dims, bool? vectors = null)
    {
        var (model, tiles) = Read(payload, symbolCount, dims);
        return Decode(model, tiles, Tensor.CountOf(dims), vectors);
    }

    /// <summary>The model and the streams of a payload.</summary>
    /// <exception cref="StrataFormatException">The payload is malformed.</exception>
    public static (ClassModel Model, List<ClassTile> Tiles) Read(ReadOnlyMemory<byte> payload, int symbolCount, ReadOnlySpan<int> dims)
    {
        int total = Tensor.CountOf(dims);
        var reader = new SyntaxReader(payload, "classes");
        var bytes = ReadOnlyMemory<byte>.Empty;
        reader.Bytes("description", ref bytes, int.MaxValue);
        var streams = payload[reader.Position..];
        var description = new IntegerReader(bytes);
        ClassModel? model = null;
        Walk(description, dims, symbolCount, ref model);
        var tiles = new List<ClassTile>();
        for (int start = 0; start < total; start += TileSymbols)
        {
            int count = Math.Min(TileSymbols, total - start), lanes = 0, tail = 0, length = streams.Length;
            WalkTile(description, count, start + count < total, ref lanes, ref tail, ref length);
            if (length > streams.Length) throw new StrataFormatException($"a stream of {length} bytes begins {streams.Length} bytes before the end of its payload");
            tiles.Add(new(count, lanes, tail, streams[..length]));
            streams = streams[length..];
        }
        description.End();
        return (model!, tiles);
    }

    /// <summary>The symbols of streams under a model.</summary>
    /// <exception cref="StrataFormatException">A stream is malformed.</exception>
    public static byte[] Decode(ClassModel model, List<ClassTile> tiles, int total, bool? vectors = null)
    {
        using var decoder = new ClassRansDecoder(model.Shares(), vectors);
        var symbols = GC.AllocateUninitializedArray<byte>(total);
        bool hasClasses = model.Levels.Count > 1;
        byte[] classes = hasClasses ? ArrayPool<byte>.Shared.Rent(Math.Min(TileSymbols, total)) : [];
        int start = 0;
        foreach (var tile in tiles)
        {
            var own = classes.AsSpan(0, hasClasses ? tile.Count : 0);
            if (!own.IsEmpty) model.Levels.Fill(start, own);
            decoder.Decode(tile.Stream.Span, s_lanes[tile.Lanes], tile.Tail, own, symbols.AsSpan(start, tile.Count));
            start += tile.Count;
        }
        if (hasClasses) ArrayPool<byte>.Shared.Return(classes);
        return symbols;
    }

    private static void Walk(IntegerSyntax s, ReadOnlySpan<int> dims, int symbolCount, ref ClassModel? model)
    {
        var levels = model?.Levels;
        ClassLevels.Walk(s, dims, ref levels);
        var tables = model?.Tables ?? new ClassTable[levels!.Count];
        ClassTable.WalkAll(s, symbolCount, tables);
        model ??= new(levels!, tables);
    }

    // The last stream extends to the end.
    private static void WalkTile(IntegerSyntax s, int count, bool hasMore, ref int lanes, ref int tail, ref int length)
    {
        s.Unsigned(LanesContext, ref lanes, s_lanes.Length - 1);
        if (lanes > 0) s.Unsigned(TailContext, ref tail, count);
        if (hasMore) s.Unsigned(LengthContext, ref length);
    }
}

/// <summary>The stream of some symbols.</summary>
/// <param name="Count">Their number.</param>
/// <param name="Lanes">The number of lanes' position in the list of those allowed.</param>
/// <param name="Tail">How many symbols lie in the last states.</param>
/// <param name="Stream">States, then words.</param>
internal readonly record struct ClassTile(int Count, int Lanes, int Tail, ReadOnlyMemory<byte> Stream);

/// <summary>The classes of a tensor's symbols and a table for each.</summary>
internal sealed record ClassModel(ClassLevels Levels, ClassTable[] Tables)
{
    /// <summary>The shares of the symbols of each class.</summary>
    public ushort[][] Shares() => Array.ConvertAll(Tables, t => t.Shares);
}
