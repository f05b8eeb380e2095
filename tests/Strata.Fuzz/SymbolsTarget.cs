using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Strata.Bitstream.Codecs;
using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Entropy;
using Strata.Bitstream.Syntax;
using Strata.Tensors;
using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>
/// Payloads of constants and streams of symbols, as pure functions of bytes: number of the codec, element type, two dimensions (a third if the
/// type's highest bit is set), payload. Codec 255 is one stream: number of lanes (its logarithm), number of symbols (two bytes), a table, words.
/// What has several paths is decoded by each.
/// </summary>
internal class SymbolsTarget(PlainTables tables) : FuzzTarget
{
    private const int Head = 4, Classes = 4, Stream = 255, MostElements = 1 << 15, MostCodecs = 16, Third = 3, Kinds = 7, TernaryBase = 9, Scales = 7, MostBase = 4095;

    public override string Name => "symbols";

    protected override long DecodedBytes => MostElements * 16;

    public override bool IsDear(byte[] input) => input.Length > 2048 || input.Length > Head && input[0] != Stream && (input[2] & 63) * (input[3] & 127) > 2048;

    public override long MostBytes(byte[] input) => (1 << 21) + 64L * input.Length;

    protected override IEnumerable<byte[]> Seeds(Random random)
    {
        foreach (var type in ElementTypes.All)
        {
            int[][] shapes = [[random.Next(1, 6), 0], [random.Next(1, 6), 1], [random.Next(1, 6), 33], [random.Next(1, 6), 100], [random.Next(1, 4), 33, Third], [48, 24], [24, 16, Third], [63, 100, Third]];
            for (int kind = 0; kind < Kinds; kind++)
            {
                for (int i = kind == Kinds - 1 ? 6 : 2; i > 0; i--)
                {
                    foreach (byte[] seed in Payloads(type, shapes[random.Next(shapes.Length)], kind, random)) yield return seed;
                }
            }
        }
        for (int i = 0; i < 60; i++)
        {
            if (IsFuzzed(Classes)) yield return RandomClasses(random);
        }
        foreach (int lanesLog2 in Enumerable.Range(0, 6))
        {
            foreach (int count in new[] { 1, 64, 500, 1200 })
            {
                if (IsFuzzed(Stream) && StreamSeed(lanesLog2, count, random) is { } seed) yield return seed;
            }
        }
    }

    /// <summary>Whether inputs of a codec are executed.</summary>
    protected virtual bool IsFuzzed(int codec) => true;

    // By each codec that takes the tensor.
    private IEnumerable<byte[]> Payloads(ElementType type, int[] dims, int kind, Random random)
    {
        var tensor = Next(type, dims, kind, random);
        for (int number = 0; number < MostCodecs; number++)
        {
            if (IsFuzzed(number) && Encode(number, tensor) is { } payload) yield return [(byte)number, (byte)((int)type | (dims.Length > 2 ? 128 : 0)), (byte)dims[0], (byte)dims[1], .. payload.Span];
        }
    }

    private static ReadOnlyMemory<byte>? Encode(int number, Tensor tensor)
    {
        try
        {
            var codec = TensorCodec.Get(number);
            long raw = tensor.ElementType == ElementType.String ? long.MaxValue : tensor.ElementType.ByteCount(tensor.Count);
            codec.CheckLength(tensor.ElementType, tensor.Count, number == TernaryBase ? (tensor.Count + 4) / 5 : raw);
            return codec.Encode(tensor);
        }
        catch (StrataFormatException)
        {
            return null; // there is no such codec, or it is for others
        }
    }

    // Elements of a kind that some codec is for, as far as the type has them.
    private static Tensor Next(ElementType type, int[] dims, int kind, Random random)
    {
        int count = dims.Aggregate(1, (a, b) => a * b), width = Math.Max(1, type.Bits() / 8);
        if (type == ElementType.String) return Tensor.FromStrings(dims, [.. Enumerable.Range(0, count).Select(i => new string('é', kind == 5 ? random.Next(200) : 1) + random.Next(99))]);
        byte[] bytes = new byte[type.ByteCount(count)];
        switch (kind)
        {
            case 0 when type.IsInteger() && type.Bits() <= 8: // ternary
                return Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, count).Select(_ => (long)Math.Max(random.Next(-1, 2), type.Kind() == ElementKind.Signed ? -1 : 0))]);
            case 1 when type.IsFloat() && type.Bits() is 16 or 32: // few bits of mantissa; rows, or what follows in a row, near each other
                bool byRows = random.Next(2) == 0;
                for (int i = 0; i < count; i++) BitConverter.TryWriteBytes(bytes.AsSpan(i * width), (0x380 + random.Next(4) + 20 * ((byRows ? i % dims[1] : i / dims[1]) % 8)) << 20 >> (type == ElementType.Float32 ? 0 : 16));
                break;
            case 2: // sparse, some rows more than others
                for (int i = 0; i < bytes.Length; i++) bytes[i] = random.Next(2 + 30 * (i * dims[0] / bytes.Length % 2)) == 0 ? (byte)random.Next(256) : (byte)0;
                break;
            case 6 when type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16: // on the grid of scales: walks along rows, rows like the one above, all alike
                int code = random.Next(2) == 0 ? MostBase : random.Next(MostBase + 1), way = random.Next(3), most3 = type == ElementType.Float16 ? 511 : MostBase;
                int[] codes = new int[count];
                for (int i = 0; i < count; i++)
                {
                    codes[i] = Math.Clamp(way == 2 || i == 0 ? code : (way == 0 && i % dims[1] > 0 ? codes[i - 1] : i >= dims[1] ? codes[i - dims[1]] : code + random.Next(-60, 60)) + random.Next(-1, 2), 0, most3);
                    BitConverter.TryWriteBytes(bytes.AsSpan(i * width), codes[i] << type switch { ElementType.Float32 => 20, ElementType.Float16 => 7, _ => 4 });
                }
                break;
            case 6: // nothing else
                byte all = (byte)(random.Next(2) == 0 ? random.Next(256) : new[] { 0, 1, 127, 128, 255 }[random.Next(5)]);
                bytes.AsSpan().Fill(type == ElementType.Bool ? (byte)(all & 1) : all);
                break;
            case 3: // high
                foreach (ref byte b in bytes.AsSpan()) b = (byte)random.Next(240, 256);
                break;
            case 4 when type.Bits() <= 8 && type.IsInteger(): // wide in some rows, columns and taps
                int taps = dims.Length > 2 ? dims[2] : 1, columns = dims[1], half = 1 << (type.Bits() - 1);
                int axes = random.Next(1, 8);
                return Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, count).Select(i =>
                {
                    int wide = 1 + ((axes & 1) != 0 && i % taps == 1 ? half / 3 : 0) + ((axes & 2) != 0 && i / taps % columns > columns / 2 ? half / 3 : 0) + ((axes & 4) != 0 ? i / taps / columns * half / dims[0] / 4 : 0);
                    return (long)Math.Clamp((random.Next(-wide, wide) + random.Next(-wide, wide)) / 2, -half, half - 1) + (type.Kind() == ElementKind.Signed ? 0 : half);
                })]);
            default:
                // Mostly small, so that planes are shorter than raw; of wide types, some planes are constant.
                int plain = random.Next(4) == 0 ? -1 : random.Next(width), most = random.Next(2, 12);
                for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(i % width == plain ? random.Next(256) : width > 1 && i % width > 1 ? most : random.Next(most));
                break;
        }
        return Tensor.FromBytes(type, dims, bytes);
    }

    // Symbols under classes and tables that no encoder would choose.
    private static byte[] RandomClasses(Random random)
    {
        var type = random.Next(3) switch { 0 => ElementType.Int2, 1 => ElementType.UInt4, _ => ElementType.Int8 };
        int[] dims = random.Next(3) == 0 ? [random.Next(1, 8), random.Next(1, 40)] : [random.Next(1, 8), random.Next(1, 12), Third];
        var description = new ClassDescription(1 << type.Bits(), dims, random);
        return [Classes, (byte)((int)type | (dims.Length > 2 ? 128 : 0)), (byte)dims[0], (byte)dims[1], .. description.Payload(random)];
    }

    private static byte[]? StreamSeed(int lanesLog2, int count, Random random)
    {
        byte[] symbols = new byte[count];
        int most = random.Next(1, 257);
        foreach (ref byte symbol in symbols.AsSpan()) symbol = (byte)random.Next(random.Next(1, most + 1));
        FrequencyTable? table = FrequencyTable.Of(symbols);
        if (RansEncoder.Encode(symbols, table, 1 << lanesLog2) is not { } stream) return null;
        var writer = new SyntaxWriter();
        FrequencyTable.Walk(writer, ref table);
        return [Stream, (byte)lanesLog2, (byte)count, (byte)(count >> 8), .. writer.Written.Span, .. stream];
    }

    public override byte[] Mutate(byte[] input, Corpus corpus, Random random)
    {
        if (random.Next(400) == 0 && Payloads(ElementTypes.All.ElementAt(random.Next(27)), [random.Next(1, 8), random.Next(1, 100)], random.Next(Kinds), random).ToList() is { Count: > 0 } fresh) return fresh[random.Next(fresh.Count)];
        if (IsFuzzed(Classes) && random.Next(200) == 0) return RandomClasses(random);
        if (input.Length > Head + 3 && input[0] == Scales && random.Next(8) == 0) return OtherBase(input, random);
        byte[] copy = [.. input];
        switch (random.Next(5))
        {
            case 0: Edits.Set(copy, random.Next(Math.Min(copy.Length, 24)), random); break;
            case 1: Edits.Flip(copy.AsSpan(Math.Min(copy.Length, Head)), random); break;
            case 2: Edits.Set(copy, random.Next(copy.Length + 1), random); break;
            case 3: Edits.Set(copy, copy.Length - 1 - random.Next(3), random); break; // behind the last element
            default: copy = Edits.Change(copy, random.Next(3) == 0 ? copy.Length : random.Next(Math.Min(Head, copy.Length), copy.Length + 1), corpus.Pick(random), random); break;
        }
        // The length of the only tile.
        if (copy.Length >= Head + 4 && copy[0] == TensorCodec.Planes.Number && random.Next(2) == 0) BitConverter.TryWriteBytes(copy.AsSpan(Head), copy.Length - Head - 4);
        return copy;
    }

    // Behind the expectation.
    private static byte[] OtherBase(byte[] input, Random random)
    {
        int at = Head + 1, end = input[at] < 128 ? at + 1 : at + 2;
        int number = random.Next(3) switch { 0 => random.Next(MostBase + 1), 1 => MostBase - random.Next(2), _ => random.Next(200) };
        return [.. input.AsSpan(0, at), .. Edits.Varint((ulong)number), .. input.AsSpan(end)];
    }

    protected override Outcome Compare(byte[] input)
    {
        if (input.Length < Head) return new(0, null);
        if (!IsFuzzed(input[0])) return new(0, null);
        if (input[0] == Stream) return Symbols(input, 1 << (input[1] & 7), Math.Min(input[2] | input[3] << 8, MostElements));
        int rows = input[2] & 63, columns = input[3] & 127;
        return Payload(input, (ElementType)(input[1] & 127), input[1] < 128 ? [rows, columns] : [rows, columns, Third]);
    }

    private Outcome Payload(byte[] input, ElementType type, int[] dims)
    {
        if (!type.IsDefined()) return new(0, null);
        int count = Tensor.CountOf(dims);
        var (tensor, refusal, find) = Measure(() =>
        {
            var codec = TensorCodec.Get(input[0]);
            codec.CheckLength(type, count, input.Length - Head);
            return codec.Decode(input.AsMemory(Head).ToArray(), type, dims);
        });
        if (find is not null) return new(0, find);
        if (input[0] == Classes && type.Bits() is > 0 and <= 8 && count > 0)
        {
            var (slow, refused, other) = Try(() => ClassCodec.Decode(input.AsMemory(Head), 1 << type.Bits(), dims, vectors: false));
            var (fast, _, another) = Try(() => ClassCodec.Decode(input.AsMemory(Head), 1 << type.Bits(), dims, vectors: true));
            if ((other ?? another) is { } broke) return new(0, broke);
            if (slow is null ? fast is not null : !slow.AsSpan().SequenceEqual(fast)) return new(0, $"classes with and without vectors differ: {refused?.Message}");
        }
        var (plain, otherwise, broken) = Try(() => PlainCodecs.Decode(input[0], (int)type, count, input[Head..], tables, dims));
        if (broken is not null) return new(0, $"the second decoder: {broken}");
        ulong signal = Mix(Mix(SignalOf(refusal), SignalOf(otherwise)), (ulong)(Math.Min(input[0], (byte)16) + 32 * type.Bits() + (int)type.Kind()));
        if (tensor is null != plain is null) return new(signal, tensor is null ? $"codec {input[0]}: refused by the runtime alone: {refusal!.Message}" : $"codec {input[0]}: refused by the document alone: {otherwise!.Message}");
        return new(signal, tensor is null || PlainComparison.SameElements(plain!, tensor) ? null : $"codec {input[0]}: elements of {type.Name()} differ", tensor is not null);
    }

    private static readonly int[] s_levels = [.. new[] { 0, 32, 64 }.Where(l => l == 0 || l == 32 && Avx2.IsSupported || l == 64 && Vector512.IsHardwareAccelerated && Avx512F.IsSupported)];

    private static Outcome Symbols(byte[] input, int lanes, int count)
    {
        lanes = Math.Min(lanes, RansEncoder.MaxLanes);
        byte[]? first = null;
        Exception? refusal = null;
        foreach (int level in s_levels)
        {
            var (symbols, refused, find) = Try(() =>
            {
                var reader = new SyntaxReader(input.AsMemory(Head), "table");
                FrequencyTable? table = null;
                FrequencyTable.Walk(reader, ref table);
                var decoder = new RansDecoder(input.AsMemory(Head + reader.Position), table!, lanes, level);
                byte[] result = new byte[count];
                decoder.Read(result);
                decoder.End();
                return result;
            });
            if (find is not null) return new(0, $"at {level} bytes: {find}");
            if (level == 0) (first, refusal) = (symbols, refused);
            else if (first is null != symbols is null || first is not null && !first.AsSpan().SequenceEqual(symbols)) return new(0, $"vectors of {level} bytes decode another result than none");
        }
        var (plain, otherwise, broken) = Try(() =>
        {
            var fields = new PlainByteFields(input, Head, input.Length);
            int[] shares = PlainCodecs.Shares(fields);
            return PlainCodecs.Stream(input[fields.Position..], lanes, shares, count);
        });
        if (broken is not null) return new(0, $"the second decoder: {broken}");
        ulong signal = Mix(Mix(SignalOf(refusal), SignalOf(otherwise)), 1000UL + (ulong)lanes);
        if (first is null != plain is null) return new(signal, first is null ? $"a stream is refused by the runtime alone: {refusal!.Message}" : $"a stream is refused by the document alone: {otherwise!.Message}");
        return new(signal, first is null || first.AsSpan().SequenceEqual(plain) ? null : "symbols of a stream differ", first is not null);
    }
}

/// <summary>What codes of weights are multiplied by and counted from: scales, and zero points by the codecs that small integers take.</summary>
internal sealed class QuantizationTarget(PlainTables tables) : SymbolsTarget(tables)
{
    public override string Name => "quantization";

    protected override bool IsFuzzed(int codec) => codec is 4 or 7 or 10;
}
