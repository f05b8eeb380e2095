using Strata.Bitstream;
using Strata.Networks;
using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>Whole files. What both decoders make of one is the same network, or both refuse it.</summary>
internal abstract class FileTarget(PlainTables tables) : FuzzTarget
{
    /// <summary>Most bytes that a decoded file's constants may take.</summary>
    protected const int MostDecoded = 1 << 18;

    private readonly FileMutator mutator = new();

    protected PlainDecoder Plain { get; } = new(tables) { MostDecodedBytes = MostDecoded };

    protected static DecodeOptions Options { get; } = new() { MaxMemory = MostDecoded, Threads = 1 };

    protected override IEnumerable<byte[]> Seeds(Random random)
    {
        foreach (string path in Directory.GetFiles(RepositoryFiles.Goldens, "*.strata").Order(StringComparer.Ordinal)) yield return File.ReadAllBytes(path);
        for (int i = 0; i < 80; i++) yield return RandomFiles.Next(random);
    }

    public override byte[] Mutate(byte[] input, Corpus corpus, Random random) =>
        random.Next(4000) == 0 ? RandomFiles.Next(random) : mutator.Mutate(input, corpus, random);

    // Coded headers take ten times as long as plain ones.
    public override bool IsDear(byte[] input) => input.Length > 10 && input[10] != 0 || input.Length > 4096;

    // As the document promises.
    public override long MostBytes(byte[] input) => input.Length <= 1024 ? 1 << 20 : (long)input.Length << 13;

    protected override long DecodedBytes => MostDecoded;

    /// <summary>Whether what the runtime refuses may be all right by the document, which leaves the rules of operators and the limits of the caller to the reader.</summary>
    protected static bool IsOfTheNetwork(Exception refusal) => refusal is InvalidNetworkException or ResourceLimitException;
}

/// <summary>Prologue, directory, headers and metadata; constants are left alone.</summary>
internal sealed class ContainerTarget(PlainTables tables) : FileTarget(tables)
{
    public override string Name => "container";

    protected override Outcome Compare(byte[] input)
    {
        var (file, refusal, find) = Measure(() => EncodedNetwork.Open(new MemoryByteSource(input), Options));
        if (find is not null) return new(0, find);
        var (plain, otherwise, broken) = Try(() => Plain.Decode(input, constants: false));
        if (broken is not null) return new(0, $"the second decoder: {broken}");
        ulong signal = Mix(SignalOf(refusal), SignalOf(otherwise));
        if (file is not null && plain is not null)
        {
            signal = Mix(signal, (ulong)(plain.Minor + 2 * Math.Min(file.Layers.Count, 3) + 8 * plain.Constants.Aggregate(0, (set, c) => set | 1 << (c.Codec & 15))));
            return new(signal, PlainComparison.FirstDifference(plain, file.Network), IsAccepted: true);
        }
        if (file is not null) return new(signal, $"refused by the document alone: {otherwise!.Message}");
        // A shape rule may have needed elements that are damaged.
        if (plain is not null && !IsOfTheNetwork(refusal!) && Try(() => Plain.Decode(input)).Refusal is null) return new(signal, $"refused by the runtime alone: {refusal!.Message}");
        return new(signal, null);
    }
}

/// <summary>Whole loads: opened, every constant decoded, compared.</summary>
internal sealed class LoadTarget(PlainTables tables) : FileTarget(tables)
{
    public override string Name => "load";

    public override long MostBytes(byte[] input) => base.MostBytes(input) + 16L * MostDecoded; // elements, payloads, tables

    protected override Outcome Compare(byte[] input)
    {
        var (network, refusal, find) = Measure(() => Load(input));
        if (find is not null) return new(0, find);
        var (plain, otherwise, broken) = Try(() => Plain.Decode(input));
        if (broken is not null) return new(0, $"the second decoder: {broken}");
        ulong signal = Mix(SignalOf(refusal), SignalOf(otherwise));
        if (network is not null && plain is not null)
        {
            signal = Mix(signal, (ulong)plain.Constants.Aggregate(plain.Minor, (set, c) => set | 2 << (c.Codec & 15)));
            return new(signal, PlainComparison.FirstDifference(plain, network), IsAccepted: true);
        }
        if (network is not null) return new(signal, $"refused by the document alone: {otherwise!.Message}");
        return new(signal, plain is not null && !IsOfTheNetwork(refusal!) ? $"refused by the runtime alone: {refusal!.Message}" : null);
    }

    private static Network Load(byte[] input)
    {
        using var file = EncodedNetwork.Open(new MemoryByteSource(input), Options);
        file.MaterializeAll();
        file.ReadSource();
        // A layer that is read alone is the same one.
        for (int k = 0; k < Math.Min(file.Layers.Count, 4); k++)
        {
            LayerRecord whole = file.Layers[k], alone = EncodedNetwork.ReadLayer(new MemoryByteSource(input), k, Options);
            if ((alone.Name, alone.Operator, alone.DataBytes, alone.Constants.Count) != (whole.Name, whole.Operator, whole.DataBytes, whole.Constants.Count)) throw new InvalidOperationException($"layer {k} differs when it is read alone");
        }
        return file.Network;
    }
}
