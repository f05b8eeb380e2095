using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>Which operands of a case are constants. Most recorded cases have none, so folding and encoding would go untested.</summary>
public enum SuiteWay
{
    /// <summary>As recorded.</summary>
    AsGiven,
    /// <summary>Every input but the first is a constant.</summary>
    FirstInputOnly,
    /// <summary>All inputs are constants.</summary>
    AllConstant,
}

/// <summary>What became of one case on one route.</summary>
public enum SuiteOutcome
{
    /// <summary>Every recorded output was reproduced.</summary>
    Passed,
    /// <summary>An output differs.</summary>
    Failed,
    /// <summary>The model was refused as unsupported.</summary>
    Unsupported,
    /// <summary>Something else went wrong.</summary>
    Error,
}

/// <summary>One line of a suite's report. <paramref name="HasConstants"/>: the network that ran held constants.</summary>
public sealed record SuiteResult(string Case, SuiteWay Way, string Route, SuiteOutcome Outcome, string? Message, IReadOnlyList<string> Operators, bool HasConstants);

/// <summary>Runs recorded cases over routes and ways, in parallel; a failing case never stops the run.</summary>
public sealed class SuiteRunner
{
    /// <summary>The routes to take.</summary>
    public IReadOnlyList<SuiteRoute> Routes { get; init; } = SuiteRoute.All;

    /// <summary>The ways to try.</summary>
    public IReadOnlyList<SuiteWay> Ways { get; init; } = [SuiteWay.AsGiven];

    /// <summary>For outputs whose case records none.</summary>
    public Tolerance Tolerance { get; init; } = Tolerance.Onnx;

    /// <summary>Cases run at the same time.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Runs the cases; results come in the order of the cases.</summary>
    public IReadOnlyList<SuiteResult> Run(IReadOnlyList<SuiteCase> cases, IProgress<SuiteResult>? progress = null, CancellationToken cancel = default)
    {
        var results = new List<SuiteResult>[cases.Count];
        Parallel.For(0, cases.Count, new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancel }, i =>
        {
            results[i] = RunCase(cases[i], cancel);
            foreach (var result in results[i]) progress?.Report(result);
        });
        return [.. results.SelectMany(r => r)];
    }

    private List<SuiteResult> RunCase(SuiteCase suiteCase, CancellationToken cancel)
    {
        var results = new List<SuiteResult>();
        IReadOnlyList<string> operators = [];
        bool hasConstants = false;
        foreach (var way in Ways)
        {
            foreach (var route in Routes)
            {
                var (outcome, message) = Attempt(() =>
                {
                    byte[] bytes = File.ReadAllBytes(suiteCase.ModelPath);
                    if (operators.Count == 0) operators = OperatorNames(bytes);
                    var dataSets = suiteCase.DataSets;
                    if (dataSets.Count == 0) return "the case has no test_data_set_* folder";
                    foreach (string dataSet in dataSets)
                    {
                        if (RunDataSet(suiteCase, bytes, dataSet, way, route, ref hasConstants, cancel) is { } difference) return difference;
                    }
                    return null;
                });
                results.Add(new(suiteCase.Name, way, route.Name, outcome, message, operators, hasConstants));
            }
        }
        return results;
    }

    private static (SuiteOutcome, string?) Attempt(Func<string?> run)
    {
        try
        {
            return run() is { } difference ? (SuiteOutcome.Failed, difference) : (SuiteOutcome.Passed, null);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (UnsupportedOperatorException error)
        {
            return (SuiteOutcome.Unsupported, error.Message);
        }
        catch (Exception error) when (error is StrataException or IOException or UnauthorizedAccessException)
        {
            return (SuiteOutcome.Error, error.Message);
        }
        catch (Exception error)
        {
            // A defect of ours in one case must not hide the results of the others.
            return (SuiteOutcome.Error, error.ToString());
        }
    }

    private string? RunDataSet(SuiteCase suiteCase, byte[] bytes, string dataSet, SuiteWay way, SuiteRoute route, ref bool hasConstants, CancellationToken cancel)
    {
        using var recorded = OnnxModel.Parse(bytes, "model.onnx", Path.GetDirectoryName(suiteCase.ModelPath));
        var graph = recorded.Proto.Graph;
        var initializers = graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Input.Where(i => !initializers.Contains(i.Name)).ToArray();
        var noDims = new Dictionary<string, long>();
        var values = SuiteCase.ReadValues(dataSet, "input", [.. inputs.Select(i => OnnxTypes.Read(i.Type, i.Name, noDims))]);

        var remaining = new List<RuntimeValue?>();
        for (int i = 0; i < inputs.Length; i++)
        {
            bool constant = way == SuiteWay.AllConstant || way == SuiteWay.FirstInputOnly && i > 0;
            if (!constant || values[i] is not Tensor tensor)
            {
                remaining.Add(values[i]);
                continue;
            }
            graph.Input.Remove(inputs[i]);
            graph.Initializer.Add(OnnxTensors.Write(tensor, inputs[i].Name));
        }

        var network = OnnxImporter.Import(recorded);
        NetworkVerifier.Verify(network);
        hasConstants = network.Constants.Length > 0;
        var expected = SuiteCase.ReadValues(dataSet, "output", [.. graph.Output.Select(o => OnnxTypes.Read(o.Type, o.Name, noDims))]);
        if (expected.All(e => e is null)) return $"{Path.GetFileName(dataSet)} records no output";
        var actual = route.Run(network, remaining, cancel);
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] is null) continue;
            string name = graph.Output[i].Name;
            if (ValueComparison.Difference(actual[i], expected[i], suiteCase.ToleranceOf(name, Tolerance)) is { } difference) return $"output '{name}': {difference}";
        }
        return null;
    }

    // Names of all operators, those of nested graphs and functions included, with their domain where it is not ONNX's.
    private static IReadOnlyList<string> OperatorNames(byte[] bytes)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var parsed = OnnxModel.Parse(bytes, "model.onnx");
        var model = parsed.Proto;
        var functions = model.Functions.Select(f => (f.Domain, f.Name)).ToHashSet();
        Collect(model.Graph.Node);
        foreach (var function in model.Functions) Collect(function.Node);
        return [.. names];

        void Collect(IEnumerable<NodeProto> nodes)
        {
            foreach (var node in nodes)
            {
                if (!functions.Contains((node.Domain, node.OpType))) names.Add(node.Domain is "" or "ai.onnx" ? node.OpType : $"{node.Domain}.{node.OpType}");
                foreach (var attribute in node.Attribute)
                {
                    if (attribute.G is not null) Collect(attribute.G.Node);
                    foreach (var graph in attribute.Graphs) Collect(graph.Node);
                }
            }
        }
    }
}
