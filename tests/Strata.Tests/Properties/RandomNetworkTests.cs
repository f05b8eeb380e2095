using System.Globalization;
using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Execution;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;
using Strata.Tests.Bitstream;
using Xunit.Abstractions;

namespace Strata.Tests.Properties;

/// <summary>What holds for every network, on random ones. <c>STRATA_SEEDS</c> asks for more than the usual number.</summary>
public class RandomNetworkTests(ITestOutputHelper log)
{
    private const int Blocks = 8;

    private static readonly int SeedsPerBlock = int.TryParse(Environment.GetEnvironmentVariable("STRATA_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seeds) ? (seeds + Blocks - 1) / Blocks : 40;

    public static TheoryData<int> Starts => [.. Enumerable.Range(0, Blocks).Select(b => b * SeedsPerBlock)];

    [Fact]
    public void EveryOperatorIsDrawn() =>
        Assert.Empty(OperatorCatalog.Standard.Rows.Select(r => r.Name).Except(OperatorDraw.All.Select(r => r.Name)));

    [Theory]
    [MemberData(nameof(Starts))]
    public void NetworksKeepTheirProperties(int start)
    {
        var failures = new List<string>();
        for (int seed = start; seed < start + SeedsPerBlock; seed++) Check(failures, seed, () => NetworkGenerator.Create(seed, 3 + seed % 10, OperatorDraw.All));
        Report(failures);
    }

    /// <summary>Each row by itself, a few times, so that none is left out by chance.</summary>
    [Fact]
    public void EachRowDrawsItsOperator()
    {
        var failures = new List<string>();
        for (int row = 0; row < OperatorDraw.All.Count; row++)
        {
            var draw = OperatorDraw.All[row];
            for (int i = 0; i < 3; i++)
            {
                int seed = 100_000 + 10 * row + i;
                if (Check(failures, seed, () => NetworkGenerator.Create(seed, 1, [draw]), draw.Name) is { } network && !network.Layers.Any(l => OperatorCatalog.Standard.NameOf(l.Operator) == draw.Name))
                    failures.Add($"the row of {draw.Name} does not draw it");
            }
        }
        Report(failures);
    }

    private void Report(List<string> failures)
    {
        foreach (string failure in failures) log.WriteLine(failure + "\n");
        Assert.True(failures.Count == 0, $"{failures.Count} failures; the first: {failures.FirstOrDefault()}");
    }

    private static Network? Check(List<string> failures, int seed, Func<RandomNetwork> create, string what = "network")
    {
        RandomNetwork? drawn = null;
        try
        {
            drawn = create();
            if (Problem(drawn) is { } problem) failures.Add($"{what}, seed {seed}: {problem}\n{Text(drawn.Network)}");
        }
        catch (Exception error)
        {
            failures.Add($"{what}, seed {seed}: {error}\n{(drawn is null ? "" : Text(drawn.Network))}");
        }
        return drawn?.Network;
    }

    private static string? Problem(RandomNetwork drawn)
    {
        var (_, network, inputs) = drawn;
        NetworkVerifier.Verify(network);
        var types = new TypeCheck(network, inputs);
        var expected = new Interpreter(network).Run(inputs, null, types.Observe);
        if (types.Problem is { } wrong) return wrong;

        var parsed = NetworkParser.Parse(Text(network), OperatorCatalog.Standard, new() { Constants = ConstantStore.Of(network).Find });
        if (NetworkComparer.FirstDifference(network, parsed) is { } text) return $"parse(print(n)) differs: {text}";

        byte[] encoded = EncodedFile.Encode(network);
        if (!encoded.AsSpan().SequenceEqual(EncodedFile.Encode(network))) return "encoding twice gives different bytes";
        using (var file = EncodedFile.Open(encoded))
        {
            if (NetworkComparer.FirstDifference(network, file.Network) is { } decoded) return $"decode(encode(n)) differs: {decoded}";
            if (Difference(new Interpreter(file.Network).Run(inputs), expected) is { } computed) return $"decode(encode(n)) computes otherwise: {computed}";
        }

        var exact = new PassManager(Pipelines.Limited(ValueEffects.None)).Run(network, new PassContext { VerifyEachPatch = true }).Network;
        if (Difference(new Interpreter(exact).Run(inputs), expected) is { } passed) return $"exact passes compute otherwise: {passed}\nafter the passes:\n{Text(exact)}";

        // Roundings that fall otherwise may send a comparison the other way, so that values are compared for smooth operators only, in PassManagerTests.
        var optimized = new PassManager(Pipelines.Default).Run(network, new PassContext { VerifyEachPatch = true }).Network;
        var results = new Interpreter(optimized).Run(inputs);
        if (!ReferenceEquals(new PassManager(Pipelines.Default).Run(optimized).Network, optimized)) return $"a second run of the passes changes the network\nafter the first:\n{Text(optimized)}";

        var split = new PassManager(Pipelines.Last(ConvTransposeMethod.Split)).Run(network, new PassContext { VerifyEachPatch = true }).Network;
        if (!ReferenceEquals(split, network))
        {
            if (NetworkComparer.FirstDifference(split, EncodedFile.Decode(EncodedFile.Encode(split))) is { } decoded) return $"decode(encode(split(n))) differs: {decoded}";
            if (Exported(split, inputs, new Interpreter(split).Run(inputs)) is { } other) return $"after conv-transpose-split: {other}\n{Text(split)}";
        }

        using (var file = EncodedFile.Open(EncodedFile.Encode(optimized)))
        {
            if (NetworkComparer.FirstDifference(optimized, file.Network) is { } decoded) return $"decode(encode(pass(n))) differs: {decoded}";
        }
        return Exported(network, inputs, expected) ?? (Exported(optimized, inputs, results) is { } after ? $"after the passes: {after}\n{Text(optimized)}" : null);
    }

    private static string? Exported(Network network, IReadOnlyList<RuntimeValue?> inputs, IReadOnlyList<RuntimeValue?> expected)
    {
        if (TryExport(network) is not { } onnx) return null;
        using var model = OnnxModel.Parse(onnx, "exported.onnx");
        var imported = OnnxImporter.Import(model);
        NetworkVerifier.Verify(imported);
        return Difference(new Interpreter(imported).Run(inputs), expected) is { } other ? $"import(export(n)) computes otherwise: {other}" : null;
    }

    private static string Text(Network network) => NetworkPrinter.Print(network, OperatorCatalog.Standard);

    // ONNX cannot express every network: an operator of ours alone, a type of ours alone.
    internal static byte[]? TryExport(Network network)
    {
        try
        {
            return OnnxExporter.Export(network);
        }
        catch (UnsupportedOperatorException)
        {
            return null;
        }
    }

    private static string? Difference(IReadOnlyList<RuntimeValue?> actual, IReadOnlyList<RuntimeValue?> expected)
    {
        for (int i = 0; i < expected.Count; i++)
        {
            if (!Same(actual[i], expected[i])) return $"output {i}: {actual[i]} against {expected[i]}";
        }
        return null;
    }

    private static bool Same(RuntimeValue? a, RuntimeValue? b) => (a, b) switch
    {
        (null, null) => true,
        (Tensor x, Tensor y) => x.BitEquals(y),
        (SequenceValue x, SequenceValue y) => x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(p => Same(p.First, p.Second)),
        (OptionalValue x, OptionalValue y) => Same(x.Content, y.Content),
        (MapValue x, MapValue y) => x.Keys.BitEquals(y.Keys) && x.Values.Zip(y.Values).All(p => Same(p.First, p.Second)),
        _ => false,
    };
}
