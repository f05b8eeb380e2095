using System.Diagnostics;
using Strata.Bitstream;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Bitstream;

/// <summary>
/// Files whose checksums are right and whose networks are not: the shape rule and the reference evaluation of every operator
/// meet attributes, types and operands that no model has. Nothing but a <see cref="StrataException"/> comes out.
/// </summary>
public class OperatorFuzzTests
{
    private const int Rounds = 24;

    [FactRequiring(TestSource.TestData)]
    public void NothingButTypedErrorsComeOut()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var failures = new List<string>();
        foreach (var suiteCase in SuiteCase.Find(Path.Combine(TestData.OnnxTests, "node")))
        {
            foreach (bool constant in new[] { false, true })
            {
                if (Import(suiteCase, constant) is not { Network.Layers.Length: > 0 and < 4 } imported) continue;
                if (!seen.Add($"{constant} {string.Join(',', imported.Network.Layers.Select(l => l.Operator))}")) continue;
                var random = new Random(seen.Count);
                for (int round = 0; round < Rounds; round++)
                {
                    if (Change(imported.Network, imported.File, random, round) is { } bytes && Open(bytes, imported.Inputs) is { } failure)
                        failures.Add($"{suiteCase.Name} (constant operands: {constant}), round {round}: {failure}");
                }
            }
        }
        Assert.True(seen.Count > 200, $"only {seen.Count} operators were met");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(10)));
    }

    private static byte[]? Change(Network network, byte[] file, Random random, int round)
    {
        if (round % 4 != 0)
        {
            try
            {
                return EncodedFile.EncodePlain(new NetworkMutator(random).Mutate(network));
            }
            catch (StrataException)
            {
                return null; // nothing that a file can say
            }
        }
        var bytes = (byte[])file.Clone();
        for (int edits = random.Next(1, 4); edits > 0; edits--) bytes[random.Next(Prologue.Size, bytes.Length)] = (byte)(random.Next(4) == 0 ? 255 : random.Next(256));
        return EncodedFile.Reseal(bytes);
    }

    private static string? Open(byte[] bytes, IReadOnlyList<RuntimeValue?> inputs)
    {
        string what = "opening";
        var clock = Stopwatch.StartNew();
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using var file = EncodedFile.Open(bytes, maxMemory: 1 << 24);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > Math.Max(1 << 20, 64L * bytes.Length)) return $"opening {bytes.Length} bytes allocated {allocated}";
            what = $"running {string.Join(", ", file.Network.Layers.Select(l => l.Operator))}";
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            new Interpreter(file.Network).Run(inputs, new RunOptions { MaxSteps = 100, MaxMemory = 1 << 22, CancellationToken = cancel.Token });
        }
        catch (Exception error) when (error is StrataException or OperationCanceledException)
        {
        }
        catch (Exception error)
        {
            return $"{what}: {error}";
        }
        return clock.Elapsed > TimeSpan.FromSeconds(20) ? $"{what} took {clock.Elapsed}" : null;
    }

    private static (Network Network, byte[] File, IReadOnlyList<RuntimeValue?> Inputs)? Import(SuiteCase suiteCase, bool constant)
    {
        try
        {
            using var model = OnnxModel.Parse(File.ReadAllBytes(suiteCase.ModelPath), suiteCase.Name, Path.GetDirectoryName(suiteCase.ModelPath));
            var graph = model.Proto.Graph;
            var names = graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
            var inputs = graph.Input.Where(i => !names.Contains(i.Name)).ToArray();
            var noDims = new Dictionary<string, long>();
            var values = SuiteCase.ReadValues(suiteCase.DataSets[0], "input", [.. inputs.Select(i => OnnxTypes.Read(i.Type, i.Name, noDims))]);
            var remaining = new List<RuntimeValue?>();
            for (int i = 0; i < inputs.Length; i++)
            {
                if (!constant || i == 0 || values[i] is not Tensor tensor)
                {
                    remaining.Add(values[i]);
                    continue;
                }
                graph.Input.Remove(inputs[i]);
                graph.Initializer.Add(OnnxTensors.Write(tensor, inputs[i].Name));
            }
            var network = OnnxImporter.Import(model);
            return (network, EncodedFile.EncodePlain(network), remaining);
        }
        catch (StrataException)
        {
            return null; // what the importer does not support is tested elsewhere
        }
    }
}
