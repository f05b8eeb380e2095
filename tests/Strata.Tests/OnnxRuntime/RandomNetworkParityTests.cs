#if HAVE_ONNXRUNTIME
using System.Globalization;
using System.Text.RegularExpressions;
using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.OnnxRuntime;
using Strata.Tensors;
using Strata.Tests.Properties;
using Xunit.Abstractions;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>Random networks of one or two layers, exported, in ONNX Runtime: what an operator computes is not hidden by what the next makes of it.</summary>
#if HAVE_ONNXRUNTIME
public partial class RandomNetworkParityTests(ITestOutputHelper log)
{
    private static readonly int SeedsPerRow = int.TryParse(Environment.GetEnvironmentVariable("STRATA_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int seeds) ? Math.Max(1, seeds / 100) : 4;

    /// <summary>Operators that ONNX Runtime computes otherwise, or that ONNX leaves open, and who is right.</summary>
    private static readonly Dictionary<string, string> Different = new()
    {
        ["optional"] = "reading an absent optional ends the process",
        ["bernoulli"] = "ONNX leaves the generator open",
        ["multinomial"] = "ONNX leaves the generator open",
        ["random_normal"] = "ONNX leaves the generator open",
        ["random_normal_like"] = "ONNX leaves the generator open",
        ["random_uniform"] = "ONNX leaves the generator open",
        ["random_uniform_like"] = "ONNX leaves the generator open",
        ["tree_ensemble_classifier"] = "labels only classes that have votes, and two of them 0 and 1, where ONNX labels the largest score",
    };

    /// <summary>Layers that it computes otherwise, or that ONNX leaves open, and who is right.</summary>
    private static readonly (string Why, Func<Layer, bool> Applies)[] DifferentLayers =
    [
        ("on processors without VNNI, pairs of products of bytes saturate there at 16 bits", l => MultipliesBytes(l) && OnnxRuntimeReference.SaturatesByteProducts),
        ("its builds without training take the given statistics", l => l.Operator is BatchNormalization { TrainingMode: true }),
        ("ONNX leaves the generator open", l => l.Operator is Dropout && l.Inputs.Length > 2),
        ("the order of unsorted elements is open", l => l.Operator is TopK { Sorted: false }),
        ("the integer that a logarithm of a negative sum becomes is open", l => l.Operator is ReduceLogSum && l.Inputs[0]!.TensorType.ElementType.IsInteger()),
        ("cubic interpolation past a border clamps each element there, the location in ONNX's reference", l => l.Operator is GridSample { Mode: Interpolation.Cubic, Padding: GridPadding.Border }),
        ("quotients of f16 are taken in binary32 there, in ONNX in the scale's type; 1.29 also truncates 16-bit codes", l => l.Operator is QuantizeLinear && l.Inputs[1]!.TensorType.ElementType == ElementType.Float16),
        ("an empty string has no parts there, in ONNX's reference one empty part between given delimiters", l => l.Operator is StringSplit { Delimiter.Length: > 0 }),
        ("one query beside past keys is taken there for the newest of all tokens; ONNX puts it beside the first new key", l => l.Operator is Attention { IsCausal: true } && l.Inputs.Length > 4 && Extent(l.Inputs[0]!, -2) is null or 1),
        ("masked scores are shown there as the lowest number, in ONNX as −∞", l => l.Operator is Attention { QkMatmulOutputMode: AttentionScores.Biased } && l.Outputs.Length > 3),
        ("in f64 a query that may attend to nothing gives NaN there, in ONNX zeros", l => l.Operator is Attention && l.Inputs[0]!.TensorType.ElementType == ElementType.Float64 && l.Inputs.Length > 3),
    ];

    // Bytes of both signs, one way or the other.
    private static bool MultipliesBytes(Layer layer) => layer.Operator is MatMulInteger or QLinearMatMul or ConvInteger or QLinearConv
        && layer.Inputs.Any(i => i?.Type is TensorType { ElementType: ElementType.Int8 });

    private static long? Extent(Value value, int axis) => value.TensorType.Shape is { } shape ? shape[shape.Rank + axis].Constant : null;

    [FactRequiring(TestSource.OnnxRuntime)]
    public void LayersComputeTheSameInOnnxRuntime()
    {
        var refusals = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var failures = new List<string>();
        int compared = 0;
        foreach (var draw in OperatorDraw.All.Where(d => !Different.ContainsKey(d.Name)))
        {
            int first = draw.Name.Aggregate(17, (hash, letter) => (hash * 31 + letter) & 0xFFFFFF); // no other row changes what this one draws
            for (int i = 0; i < SeedsPerRow; i++)
            {
                var drawn = NetworkGenerator.Create(first + i, 1, [draw]);
                // Some of its kernels divide by an extent, which ends the process.
                if (drawn.Inputs.OfType<Tensor>().Any(t => t.Count == 0) || HasEmptyConstant(drawn.Network)) continue;
                if (drawn.Network.Layers.Any(l => DifferentLayers.Any(d => d.Applies(l)))) continue;
                if (RandomNetworkTests.TryExport(drawn.Network) is not { } onnx)
                {
                    Count(refusals, $"{draw.Name}: not in ONNX");
                    continue;
                }
                IReadOnlyList<RuntimeValue> theirs;
                try
                {
                    using var session = new OnnxRuntimeReference(onnx, OnnxRuntimeOptimization.None);
                    theirs = session.Run(drawn.Network, drawn.Inputs);
                }
                catch (Exception error) when (error is OnnxRuntimeRefusedException or NotSupportedException)
                {
                    Count(refusals, $"{draw.Name}: {Reason(error.Message)}");
                    continue;
                }
                compared++;
                // Where a value is coarser than the bound, one unit in its last place.
                var types = drawn.Network.Inputs.Concat(drawn.Network.Constants).Concat(drawn.Network.Layers.SelectMany(l => l.Outputs).OfType<Value>()).Select(v => (v.Type as TensorType)?.ElementType).ToHashSet();
                double bound = types.Contains(ElementType.BFloat16) ? 1.6e-2 : types.Contains(ElementType.Float16) ? 2e-3 : 1e-4;
                var ours = new Interpreter(drawn.Network).Run(drawn.Inputs);
                for (int o = 0; o < ours.Count; o++)
                {
                    if (ValueComparison.Difference(ours[o], theirs[o], new Tolerance(0, 1e-7, bound)) is { } difference)
                        failures.Add($"{draw.Name}, seed {drawn.Seed}: output {o}: {difference}\n{NetworkPrinter.Print(drawn.Network, OperatorCatalog.Standard)}");
                }
            }
        }
        log.WriteLine($"{compared} networks compared");
        foreach (var (reason, count) in refusals) log.WriteLine($"refused {count} times: {reason}");
        foreach (string failure in failures) log.WriteLine(failure);
        Assert.True(failures.Count == 0, $"{failures.Count} differences; the first: {failures.FirstOrDefault()}");
    }

    private static bool HasEmptyConstant(Network network) => network.Constants.Any(c => c.Constant!.Count == 0) || network.Layers.SelectMany(l => l.Operator.Bodies).Any(HasEmptyConstant);

    private static void Count(SortedDictionary<string, int> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static string Reason(string message) => Numbers().Replace(message.ReplaceLineEndings(" "), "#");

    [GeneratedRegex(@"\d+|'[^']*'|\([^)]*\)")]
    private static partial Regex Numbers();
}
#else
public class RandomNetworkParityTests
{
    [FactRequiring(TestSource.OnnxRuntime)]
    public void LayersComputeTheSameInOnnxRuntime() => TestData.Require(TestSource.OnnxRuntime);
}
#endif
