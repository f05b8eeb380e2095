using Google.Protobuf;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using Strata.Tests.Support;

namespace Strata.Tests.Frontend;

/// <summary>Recorded models with a symbol for each extent of their inputs: they import, and what can be known of their results still is.</summary>
public class SymbolicShapeTests
{
    // Their rank is the length of an operand, or told by its elements.
    private static readonly HashSet<Type> RankByOperand = [typeof(Reshape), typeof(Expand), typeof(ConstantOfShape), typeof(Squeeze), typeof(Unsqueeze), typeof(GatherND), typeof(AffineGrid), typeof(Col2Im)];

    // Their extents are formulas of those of their operands. Others meet two symbols that must agree or be 1, or depend on elements.
    private static readonly HashSet<Type> ExtentsByFormula =
        [typeof(Conv), typeof(ConvTranspose), typeof(AveragePool), typeof(MaxPool), typeof(LpPool), typeof(Concat), typeof(Transpose), typeof(Flatten), typeof(Gather), typeof(DepthToSpace), typeof(SpaceToDepth), typeof(Softmax), typeof(Identity), typeof(Cast)];

    private readonly List<string> failures = [];

    [FactRequiring(TestSource.TestData)]
    public void RanksAndFormulasSurvive()
    {
        var cases = SuiteCase.Find(Path.Combine(TestData.OnnxTests, "node"));
        if ((TestData.Present & TestSource.Shared) != 0) cases = [.. cases, .. SuiteCase.Find(TestData.SharedNodeTests)];
        int met = 0;
        foreach (var suiteCase in cases)
        {
            var proto = ModelProto.Parser.ParseFrom(File.ReadAllBytes(suiteCase.ModelPath));
            if (Import(proto, out _) is null) continue;
            foreach (var (dim, i) in proto.Graph.Input.Where(i => i.Type?.TensorType?.Shape is not null).SelectMany(i => i.Type.TensorType.Shape.Dim).Select((d, i) => (d, i))) dim.DimParam = $"d{i}";
            if (Import(proto, out string message) is { } network)
            {
                met++;
                foreach (var layer in network.Layers) Check(suiteCase.Name, layer);
            }
            else if (!message.Contains("FlexAttention", StringComparison.Ordinal)) failures.Add($"{suiteCase.Name}: {message}"); // its score graphs are imported for known heads
        }
        Assert.True(met > 500, $"only {met} models were met");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20)));
    }

    private void Check(string name, Layer layer)
    {
        var inputs = layer.Inputs.OfType<Value>().Select(v => v.Type as TensorType).ToArray();
        if (inputs.Any(t => t?.Shape is null || HasFresh(t.Shape))) return;
        foreach (var shape in layer.Outputs.Select(o => o?.Type).OfType<TensorType>().Select(t => t.Shape))
        {
            if (shape is null && !RankByOperand.Contains(layer.Operator.GetType()) && layer.Operator is not Reduction { KeepDims: false }) failures.Add($"{name}: {layer.Operator} of {string.Join(", ", inputs.Select(t => t!.ToString()))} has no rank");
            else if (shape is not null && HasFresh(shape) && ExtentsByFormula.Contains(layer.Operator.GetType())) failures.Add($"{name}: {layer.Operator} of {string.Join(", ", inputs.Select(t => t!.ToString()))} gives {shape}");
        }
    }

    private static bool HasFresh(Shape shape) => shape.Any(d => d.ToString().Contains('?', StringComparison.Ordinal));

    private static Network? Import(ModelProto proto, out string message)
    {
        try
        {
            message = "";
            using var model = OnnxModel.Parse(proto.ToByteArray(), "model.onnx");
            return OnnxImporter.Import(model);
        }
        catch (StrataException error)
        {
            message = error.Message;
            return null;
        }
    }
}
