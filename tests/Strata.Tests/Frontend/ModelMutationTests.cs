using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;
using Xunit.Abstractions;

namespace Strata.Tests.Frontend;

/// <summary>
/// Recorded models, changed at random: each imports and runs, or is refused by a <see cref="StrataException"/>. The variable
/// <c>STRATA_MUTATIONS</c> gives the number of changed models; without it a share runs that takes seconds.
/// </summary>
public class ModelMutationTests(ITestOutputHelper output)
{
    private const int Share = 6000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<string> failures = [];
    private int total, imported, ran;

    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("STRATA_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : Share;

    [FactRequiring(TestSource.TestData)]
    public void ChangedModelsRunOrAreRefused()
    {
        var models = Models().ToArray();
        int rounds = Math.Max(1, Count / models.Length);
        foreach (var (model, index) in models.Select((m, i) => (m, i)))
        {
            var mutator = new ModelMutator(new Random(index));
            for (int round = 0; round < rounds; round++) Try($"{model.Name}, change {round}", mutator.Mutate(model.Proto).ToByteArray(), model.Folder, network => Inputs(network, model));
        }
        Report();
        Assert.True(ran > total / 20, $"only {ran} of {total} changed models ran");
    }

    [Fact]
    public void BlindlyDrawnNodesRunOrAreRefused()
    {
        var rows = OperatorTable.All.ToArray();
        int rounds = Math.Max(1, Count / rows.Length);
        foreach (var (row, index) in rows.Select((r, i) => (r, i)))
        {
            var nodes = new BlindNodes(new Random(index));
            for (int round = 0; round < rounds; round++)
            {
                var (model, inputs) = nodes.Draw(row);
                Try($"{row.Domain} {row.Name} {row.Since}, draw {round}", model, null, _ => inputs);
            }
        }
        Report();
    }

    private void Try(string name, byte[] bytes, string? folder, Func<Network, RuntimeValue?[]> inputs)
    {
        total++;
        var clock = Stopwatch.StartNew();
        string stage = "importing";
        try
        {
            using var onnx = OnnxModel.Parse(bytes, "model.onnx", folder);
            var network = OnnxImporter.Import(onnx);
            imported++;
            stage = "running";
            using var cancel = new CancellationTokenSource(Patience / 10);
            new Interpreter(network).Run(inputs(network), new RunOptions { MaxSteps = 100, MaxMemory = 1 << 22, CancellationToken = cancel.Token });
            ran++;
        }
        catch (Exception error) when (error is StrataException or OperationCanceledException)
        {
        }
        catch (Exception error)
        {
            failures.Add($"{name}, {stage}: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} {string.Join(" < ", error.StackTrace!.Split('\n').Take(5).Select(l => l.Trim()))}");
        }
        if (clock.Elapsed > Patience) failures.Add($"{name}, {stage}: took {clock.Elapsed}");
    }

    private void Report()
    {
        output.WriteLine($"{total} models: {imported} imported, {ran} ran, {failures.Count} failed");
        // One of a kind is enough.
        var kinds = failures.GroupBy(f => f[f.IndexOf("ing:", StringComparison.Ordinal)..]).Select(g => $"{g.Count()} × {g.First()}");
        Assert.True(failures.Count == 0, $"{failures.Count} of {total} failed:\n{string.Join('\n', kinds.Take(40))}");
    }

    private sealed record Recorded(string Name, string Folder, ModelProto Proto, string? Data);

    private static IEnumerable<Recorded> Models()
    {
        var suites = new[] { "node", "simple" }.Select(s => Path.Combine(TestData.OnnxTests, s));
        if ((TestData.Present & TestSource.Shared) != 0) suites = suites.Append(TestData.SharedNodeTests);
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx").Order(StringComparer.Ordinal))
            yield return new(Path.GetFileName(path), Path.GetDirectoryName(path)!, ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)), null);
        foreach (var suiteCase in suites.SelectMany(SuiteCase.Find))
        {
            string folder = Path.GetDirectoryName(suiteCase.ModelPath)!;
            yield return new(suiteCase.Name, folder, ModelProto.Parser.ParseFrom(File.ReadAllBytes(suiteCase.ModelPath)), suiteCase.DataSets.FirstOrDefault());
        }
    }

    // The recorded values, where they are of the types that the changed model declares.
    private static RuntimeValue?[] Inputs(Network network, Recorded model) =>
        model.Data is null ? new RuntimeValue?[network.Inputs.Length] : SuiteCase.ReadValues(model.Data, "input", [.. network.Inputs.Select(i => i.Type)]);
}
