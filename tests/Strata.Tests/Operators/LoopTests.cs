using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Operators;

/// <summary>Loop, Scan and If from ONNX graphs: types of carried values, captures, bounds.</summary>
public class LoopTests
{
    [Fact]
    public void ACarriedValueMayGrow()
    {
        // x starts with extent 1 and has its negative appended in each iteration.
        var body = Body("body", ["i", "go", "x"], ["go_on", "longer", "sum"],
            Node("Identity", "go_on", "go"), Node("Neg", "minus", "x"), Node("Concat", "longer", ["x", "minus"], Axis(0)), Node("ReduceSum", "sum", ["x"], Flag("keepdims", 0)));
        var network = Import(["n", "x0"], ["y", "s"], Node("Loop", ["y", "s"], ["n", "", "x0"], Graph("body", body)));
        Assert.Equal(["f32[?0]", "f32[?1]"], Renumbered(network));
        NetworkVerifier.Verify(network);

        var results = Run(network, Tensor.Vector<long>([3]).Reshape(), Tensor.Vector<float>([2]));
        Assert.Equal([2f, -2, -2, 2, -2, 2, 2, -2], results[0].Span<float>().ToArray());
        Assert.Equal([2f, 0, 0], results[1].Span<float>().ToArray());
        results = Run(network, Tensor.Scalar(0L), Tensor.Vector<float>([2]));
        Assert.Equal([2f], results[0].Span<float>().ToArray());
        Assert.Equal([0], results[1].Dims.ToArray());
    }

    [Fact]
    public void ACarriedValueMayChangeItsRank()
    {
        var body = Body("body", ["i", "go", "x"], ["go_on", "deeper"],
            Node("Identity", "go_on", "go"), Constant("axis", 0), Node("Unsqueeze", "deeper", ["x", "axis"]));
        var network = Import(["n", "x0"], ["y"], Node("Loop", ["y"], ["n", "", "x0"], Graph("body", body)));
        Assert.Equal("f32[*]", network.Outputs[0].Value.Type.ToString());
        Assert.Equal([1, 1, 1], Run(network, Tensor.Scalar(2L), Tensor.Vector<float>([5]))[0].Dims.ToArray());
    }

    [Fact]
    public void ALoopThatCountsToItsLimitHasAKnownStack()
    {
        var body = Body("body", ["i", "go", "x"], ["go", "x", "x_captured"], Node("Add", "x_captured", ["x", "outer"]));
        var network = Import(["x0", "outer"], ["y", "s"], Constant("n", 4), Node("Squeeze", "n0", "n"), Node("Loop", ["y", "s"], ["n0", "", "x0"], Graph("body", body)));
        Assert.Equal("f32[4, 1]", network.Outputs[1].Value.Type.ToString());
        Assert.Equal(1, ((Loop)network.Layers[^1].Operator).Captures);
        Assert.Equal([3f, 3, 3, 3], Run(network, Tensor.Vector<float>([1]), Tensor.Vector<float>([2]))[1].Span<float>().ToArray());
    }

    [Fact]
    public void AnEndlessLoopWithoutLayersMeetsTheStepLimit()
    {
        var network = Import(["x0"], ["y"], Node("Loop", ["y"], ["", "", "x0"], Graph("body", Body("body", ["i", "go", "x"], ["go", "x"]))));
        var error = Assert.Throws<ResourceLimitException>(() => new Interpreter(network).Run([Tensor.Vector<float>([1])], new RunOptions { MaxSteps = 1000 }));
        Assert.Contains("limit of 1000 steps", error.Message);
    }

    [Fact]
    public void DeeplyNestedLoopsImportInTime()
    {
        var inner = Body("body", ["i9", "go9", "x9"], ["go9", "y9"], Node("Concat", "y9", ["x9", "x9"], Axis(0)));
        for (int d = 8; d >= 0; d--)
            inner = Body("body", [$"i{d}", $"go{d}", $"x{d}"], [$"go{d}", $"y{d}"], Node("Loop", [$"y{d}"], [$"i{d}", "", $"x{d}"], Graph("body", inner)));
        var network = Import(["n", "x"], ["y"], Node("Loop", ["y"], ["n", "", "x"], Graph("body", inner)));
        Assert.Equal([1], Run(network, Tensor.Scalar(1L), Tensor.Vector<float>([7]))[0].Dims.ToArray());
    }

    [Fact]
    public void BodiesThatDoNotFitAreRefused()
    {
        Assert.Contains("gives i64[] for the next iteration", Refusal(Body("body", ["i", "go", "x"], ["go", "i"])));
        Assert.Contains("must have at least 2 outputs, has 1", Refusal(Body("body", ["i", "go", "x"], ["go"])));
        Assert.Contains("1 carried values are given, the body takes 0", Refusal(Body("body", ["i", "go"], ["go"])));
        Assert.Contains("output 0 of the body must be bool, is i64[]", Refusal(Body("body", ["i", "go", "x"], ["i", "x"])));

        static string Refusal(GraphProto body) => Assert.Throws<InvalidNetworkException>(() => Import(["n", "x"], ["y"], Node("Loop", ["y"], ["n", "", "x"], Graph("body", body)))).Message;
    }

    [Fact]
    public void AScanRunsBackwardsAndPrepends()
    {
        var body = Body("body", ["s", "x"], ["s_next", "s_next_too"], Node("Add", "s_next", ["s", "x"]), Node("Identity", "s_next_too", "s_next"));
        var node = Node("Scan", ["s", "ys"], ["s0", "xs"], Graph("body", body), Flag("num_scan_inputs", 1), Ints("scan_input_directions", 1), Ints("scan_output_directions", 1));
        var results = Run(Import(["s0", "xs"], ["s", "ys"], node), Tensor.Vector<float>([0]), Tensor.From<float>([3, 1], [1, 2, 4]));
        Assert.Equal([7f], results[0].Span<float>().ToArray());
        Assert.Equal([7f, 6, 4], results[1].Span<float>().ToArray());
        Assert.Equal([3, 1], results[1].Dims.ToArray());
    }

    [Fact]
    public void AScanOfVersion8EndsEachRowAtItsLength()
    {
        // Two rows of three elements; the second row has two.
        var body = Body("body", ["s", "x"], ["s_next", "s_next_too"], Node("Add", "s_next", ["s", "x"]), Node("Identity", "s_next_too", "s_next"));
        var node = Node("Scan", ["s", "ys"], ["lens", "s0", "rows"], Graph("body", body), Flag("num_scan_inputs", 1));
        var network = Import(["lens", "s0", "rows"], ["s", "ys"], opset: 8, node);
        var results = Run(network, Tensor.Vector<long>([3, 2]), Tensor.From<float>([2, 1], [0, 10]), Tensor.From<float>([2, 3, 1], [1, 2, 4, 1, 2, 4]));
        Assert.Equal([7f, 13], results[0].Span<float>().ToArray());
        Assert.Equal([1f, 3, 7, 11, 13, 0], results[1].Span<float>().ToArray());
        Assert.Equal([2, 3, 1], results[1].Dims.ToArray());
    }

    [Fact]
    public void ABranchForOtherShapesIsNoReasonToRefuseTheOtherOne()
    {
        var then = Body("then", [], ["a"], Node("Neg", "a", "x"));
        var otherwise = Body("else", [], ["b"], Node("MatMul", "b", ["x", "square"]));
        var network = Import(["n", "x", "square"], ["y"], Node("Cast", "c", ["n"], Flag("to", 9)), Node("If", "y", ["c"], Graph("then_branch", then), Graph("else_branch", otherwise)));
        NetworkVerifier.Verify(network);
        var square = Tensor.From<float>([3, 1], [1, 2, 3]);
        Assert.Equal([-5f], Run(network, Tensor.Scalar(1L), Tensor.Vector<float>([5]), square)[0].Span<float>().ToArray());
        Assert.Throws<InvalidInputException>(() => Run(network, Tensor.Scalar(0L), Tensor.Vector<float>([5]), square));
    }

    [Fact]
    public void NodesMayStandInAnyOrderAndTheLastOfEqualConstantsCounts()
    {
        var network = Import(["x"], ["y"], Node("Add", "y", ["minus", "c"]), Constant("c", 5f), Node("Neg", "minus", "x"), Constant("c", 7f));
        Assert.Equal([6f], Run(network, Tensor.Vector<float>([1]))[0].Span<float>().ToArray());
        Assert.Contains("depends on its own output", Assert.Throws<StrataFormatException>(() => Import(["x"], ["y"], Node("Add", "y", ["x", "z"]), Node("Neg", "z", "y"))).Message);
        Assert.Contains("two nodes give 'y'", Assert.Throws<StrataFormatException>(() => Import(["x"], ["y"], Node("Neg", "y", "x"), Node("Abs", "y", "x"))).Message);
    }

    [Fact]
    public void TrainingOperatorsAreRefusedAsSuch()
    {
        var node = Node("Adam", "y", ["x", "x", "x"]);
        node.Domain = "ai.onnx.preview.training";
        Assert.Contains("export the model for inference", Assert.Throws<UnsupportedOperatorException>(() => Import(["x"], ["y"], node)).Message);
    }

    private static readonly Dictionary<string, TensorType> InputTypes = new()
    {
        ["n"] = new(ElementType.Int64, []),
        ["xs"] = new(ElementType.Float32, [3, 1]),
        ["square"] = new(ElementType.Float32, [3, 1]),
        ["lens"] = new(ElementType.Int64, [2]),
        ["s0"] = new(ElementType.Float32, null),
        ["rows"] = new(ElementType.Float32, [2, 3, 1]),
    };

    private static Network Import(string[] inputs, string[] outputs, params NodeProto[] nodes) => Import(inputs, outputs, opset: 17, nodes);

    private static Network Import(string[] inputs, string[] outputs, int opset, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "graph", Node = { nodes } };
        foreach (string input in inputs) graph.Input.Add(new ValueInfoProto { Name = input, Type = OnnxTypes.Write(InputTypes.GetValueOrDefault(input, new TensorType(ElementType.Float32, [1]))) });
        foreach (string output in outputs) graph.Output.Add(new ValueInfoProto { Name = output });
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = opset }, new OperatorSetIdProto { Domain = "ai.onnx.preview.training", Version = 1 } } };
        using var onnx = OnnxModel.Parse(Google.Protobuf.MessageExtensions.ToByteArray(model), "model.onnx");
        return OnnxImporter.Import(onnx);
    }

    private static Tensor[] Run(Network network, params Tensor[] inputs) => [.. new Interpreter(network).Run(inputs).Select(v => (Tensor)v!)];

    // The numbers of fresh symbols depend on how often a body was imported.
    private static string[] Renumbered(Network network) =>
        [.. network.Outputs.Select((o, i) => System.Text.RegularExpressions.Regex.Replace(o.Value.Type.ToString(), @"\?\d+", $"?{i}"))];

    private static GraphProto Body(string name, string[] inputs, string[] outputs, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = name, Node = { nodes } };
        graph.Input.Add(inputs.Select(i => new ValueInfoProto { Name = i }));
        graph.Output.Add(outputs.Select(o => new ValueInfoProto { Name = o }));
        return graph;
    }

    private static NodeProto Node(string type, string output, string input) => Node(type, [output], [input]);

    private static NodeProto Node(string type, string output, string[] inputs, params AttributeProto[] attributes) => Node(type, [output], inputs, attributes);

    private static NodeProto Node(string type, string[] outputs, string[] inputs, params AttributeProto[] attributes) =>
        new() { OpType = type, Name = outputs[0], Output = { outputs }, Input = { inputs }, Attribute = { attributes } };

    private static NodeProto Constant(string name, long value) => Node("Constant", name, [], Ints("value_ints", value));

    private static NodeProto Constant(string name, float value) => Node("Constant", name, [], new AttributeProto { Name = "value_float", Type = AttributeType.Float, F = value });

    private static AttributeProto Graph(string name, GraphProto graph) => new() { Name = name, Type = AttributeType.Graph, G = graph };

    private static AttributeProto Axis(long axis) => Flag("axis", axis);

    private static AttributeProto Flag(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    private static AttributeProto Ints(string name, params long[] values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };
}
