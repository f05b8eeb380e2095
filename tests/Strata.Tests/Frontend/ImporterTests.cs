using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Frontend;

/// <summary>Oddities of real models, and malformed ones: each imports as ONNX means it or is refused with a typed error.</summary>
public class ImporterTests
{
    [Fact]
    public void OmittedOperandsAndTrailingEmptyOutputsAreAllowed()
    {
        var model = Model(Graph([Node("Clip", "x,,high", "a"), Node("MaxPool", "a", "y,")], "x:1.1.4", "y"));
        model.Graph.Initializer.Add(Scalar("high", 2));
        model.Graph.Node[1].Attribute.Add(new AttributeProto { Name = "kernel_shape", Type = AttributeType.Ints, Ints = { 1 } });
        Assert.Equal([-1f, 1f, 2f, 2f], Run(model, Tensor.From<float>([1, 1, 4], [-1, 1, 3, 5])));
    }

    [Fact]
    public void AnInitializerThatIsAlsoAnInputIsAConstant()
    {
        var model = Model(Graph([Node("Add", "x,w", "y")], "x:1 w:1", "y"), irVersion: 3);
        model.Graph.Initializer.Add(Vector("w", 10));
        var network = Import(model);
        Assert.Equal(["x"], network.Inputs.Select(i => i.Name));
        Assert.Equal([11f], Run(model, Floats(1)));
    }

    [Fact]
    public void AGraphOutputMayBeAnInputAnInitializerOrTheSameTwice()
    {
        var model = Model(Graph([Node("Neg", "x", "n")], "x:1", "x w n n"));
        model.Graph.Initializer.Add(Vector("w", 7));
        var network = Import(model);
        var results = new Interpreter(network).Run([Floats(3)]);
        Assert.Equal(["x", "w", "n", "n"], network.Outputs.Select(o => o.Name));
        Assert.Equal([3f, 7f, -3f, -3f], results.Select(r => ((Tensor)r!).Span<float>()[0]));
        NetworkVerifier.Verify(network);
    }

    [Fact]
    public void AnEmptyGraphIsANetwork()
    {
        var network = Import(Model(new GraphProto { Name = "nothing" }));
        Assert.Empty(network.Layers);
        Assert.Empty(new Interpreter(network).Run([]));
    }

    [Fact]
    public void NodesMayStandInAnyOrder() =>
        Assert.Equal([-5f], Run(Model(Graph([Node("Neg", "a", "y"), Node("Abs", "x", "a")], "x:1", "y")), Floats(-5)));

    [Fact]
    public void SiblingBodiesUseTheSameNames()
    {
        var model = Model(Graph([If("c", Graph([Node("Neg", "x", "t")], "", "t"), Graph([Node("Abs", "x", "t")], "", "t"), "y")], "x:1", "y"));
        model.Graph.Input.Insert(0, Input("c", ElementType.Bool));
        Assert.Equal([3f], Run(model, Tensor.From<bool>([], [true]), Floats(-3)));
        Assert.Equal([3f], Run(model, Tensor.From<bool>([], [false]), Floats(-3)));
    }

    [Fact]
    public void ANameInABodyHidesTheOuterOne()
    {
        var branch = Graph([Node("Neg", "w", "x")], "", "x"); // gives another x
        branch.Initializer.Add(Vector("w", 4)); // hides the outer w
        var model = Model(Graph([If("c", branch, Graph([Node("Add", "x,w", "t")], "", "t"), "y"), Node("Add", "x,y", "z")], "x:1", "z"));
        model.Graph.Initializer.Add(Vector("w", 100));
        model.Graph.Input.Insert(0, Input("c", ElementType.Bool));
        Assert.Equal([-3f], Run(model, Tensor.From<bool>([], [true]), Floats(1)));
        Assert.Equal([102f], Run(model, Tensor.From<bool>([], [false]), Floats(1)));
    }

    [Fact]
    public void ValueInfoThatContradictsTheGraphIsNotBelieved()
    {
        var model = Model(Graph([Node("Neg", "x", "a"), Node("Abs", "a", "y")], "x:2", "y"));
        model.Graph.ValueInfo.Add(Input("a", ElementType.Int64, 9, 9));
        Assert.Equal("f32[2]", Import(model).Layers[0].Outputs[0]!.Type.ToString());
    }

    [Fact]
    public void FunctionsNestTakeDefaultsAndOmitOperands()
    {
        var inner = Function("Inner", [Node("Elu", "v", "w")], "v", "w");
        inner.AttributeProto.Add(Float("alpha", 2));
        inner.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "alpha" });
        var call = Node("Inner", "v", "w", "local");
        call.Attribute.Add(new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "slope" });
        var outer = Function("Outer", [call], "v,unused", "w");
        outer.Attribute.Add("slope");
        var given = Node("Outer", "x,", "b", "local");
        given.Attribute.Add(Float("slope", 0.5f));
        var model = Model(Graph([Node("Outer", "x", "a", "local"), given, Node("Sub", "a,b", "y")], "x:1", "y"));
        model.Functions.Add([outer, inner]);
        float elu = MathF.Exp(-1) - 1;
        Assert.Equal(1.5 * elu, Run(model, Floats(-1))[0], 1e-6);
    }

    [Fact]
    public void OverloadsAreToldApart()
    {
        FunctionProto negate = Function("F", [Node("Neg", "v", "w")], "v", "w"), magnitude = Function("F", [Node("Abs", "v", "w")], "v", "w");
        (negate.Overload, magnitude.Overload) = ("negate", "magnitude");
        NodeProto first = Node("F", "x", "a", "local"), second = Node("F", "a", "y", "local");
        (first.Overload, second.Overload) = ("magnitude", "negate");
        var model = Model(Graph([first, second], "x:1", "y"));
        model.Functions.Add([negate, magnitude]);
        Assert.Equal([-2f], Run(model, Floats(-2)));
    }

    [Fact]
    public void FunctionsThatNeverEndOrMultiplyAreRefused()
    {
        var model = Model(Graph([Node("F", "x", "y", "local")], "x:1", "y"));
        model.Functions.Add(Function("F", [Node("F", "v", "w", "local")], "v", "w"));
        Refused<StrataFormatException>(model, "calls itself");

        model = Model(Graph([Node("F0", "x", "y", "local")], "x:1", "y"));
        for (int i = 0; i < 40; i++) model.Functions.Add(Function($"F{i}", [Node($"F{i + 1}", "v", "u", "local"), Node($"F{i + 1}", "u", "w", "local")], "v", "w"));
        model.Functions.Add(Function("F40", [], "v", "v"));
        Refused<ResourceLimitException>(model, "inlined");
    }

    [Fact]
    public void OperandsThatAFunctionDoesNotTakeAreRefused()
    {
        var model = Model(Graph([Node("F", "x,x", "y", "local")], "x:1", "y"));
        model.Functions.Add(Function("F", [Node("Neg", "v", "w")], "v", "w"));
        Refused<InvalidNetworkException>(model, "takes 1");
    }

    [Fact]
    public void OperatorSetsAreNeededOnce()
    {
        var model = Model(Graph([Node("Neg", "x", "y")], "x:1", "y"));
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 18 });
        Assert.Equal([-1f], Run(model, Floats(1)));
        model.OpsetImport[1].Version = 17;
        Refused<StrataFormatException>(model, "versions 18 and 17");
        model.OpsetImport.Clear();
        Refused<UnsupportedOperatorException>(model, "imports no operator set");
        model.OpsetImport.Add(new OperatorSetIdProto { Version = long.MaxValue });
        Refused<UnsupportedOperatorException>(model, "newer than");
        model.OpsetImport[0].Version = -1;
        Refused<UnsupportedOperatorException>(model, "operator set");
    }

    [Fact]
    public void UnknownDomainsAreListedWithTheirNodes() =>
        Refused<UnsupportedOperatorException>(Model(Graph([Node("Whirl", "x", "a", "com.example"), Node("Twist", "a", "y", "com.example")], "x:1", "y")), "2 unsupported nodes");

    public static TheoryData<string, string, string, string> Malformed => new()
    {
        { "Neg a y", "x:1", "y", "which no input" },
        { "Neg x a", "x:1", "y", "not computed" },
        { "Neg x y;Abs x y", "x:1", "y", "two nodes give" },
        { "Neg b a;Neg a b", "x:1", "a", "depends on its own output" },
        { "Neg x y", "x:1 x:1", "y", "two inputs" },
        { "Neg x y", "x:1.1.1.1.1.1.1.1.1", "y", "rank" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void MalformedGraphsAreRefused(string nodes, string inputs, string outputs, string part)
    {
        NodeProto[] parsed = [.. nodes.Split(';').Select(n => n.Split(' ')).Select(n => Node(n[0], n[1], n[2]))];
        Refused<StrataException>(Model(Graph(parsed, inputs, outputs)), part);
    }

    [Fact]
    public void SparseInitializersAreCheckedBeforeTheyAreMadeDense()
    {
        var model = Model(Graph([], "", "s"));
        var sparse = new SparseTensorProto { Dims = { 3 }, Values = Vector("s", 5), Indices = new TensorProto { DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 1 } } };
        model.Graph.SparseInitializer.Add(sparse);
        Assert.Equal([0f, 5f, 0f], Run(model));
        sparse.Indices.Int64Data[0] = 3;
        Refused<StrataFormatException>(model, "outside");
        sparse.Indices.Int64Data[0] = 1;
        sparse.Dims[0] = int.MaxValue;
        Refused<StrataException>(model, "s");
        sparse.Dims.Add(long.MaxValue);
        Refused<StrataFormatException>(model, "outside");
        sparse.Values = null;
        Refused<StrataFormatException>(model, "lacks values");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(2000)]
    [InlineData(100_000)]
    public void DeepNestingIsATypedError(int depth)
    {
        // By hand, outwards: messages of this depth cannot be serialised. Field 1 of a node's attribute graph is a node.
        byte[] graph = new GraphProto { Name = "innermost" }.ToByteArray();
        var parts = new List<byte[]>();
        int length = graph.Length;
        for (int i = 0; i < depth; i++)
        {
            byte[] attribute = [0x32, .. Varint(length)]; // AttributeProto.g
            byte[] node = [0x2A, .. Varint(length + attribute.Length)]; // NodeProto.attribute
            byte[] nested = [0x0A, .. Varint(length + attribute.Length + node.Length)]; // GraphProto.node
            parts.Add([.. nested, .. node, .. attribute]);
            length += parts[^1].Length;
        }
        parts.Reverse();
        byte[] model = [0x3A, .. Varint(length), .. parts.SelectMany(p => p), .. graph]; // ModelProto.graph
        Assert.Throws<StrataFormatException>(() => OnnxImporter.Import(OnnxModel.Parse(model, "deep.onnx")));
    }

    private static byte[] Varint(int value)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) output.WriteLength(value);
        return stream.ToArray();
    }

    private static void Refused<T>(ModelProto model, string part) where T : StrataException
    {
        var error = Assert.ThrowsAny<T>(() => Import(model));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static Network Import(ModelProto model) => OnnxImporter.Import(OnnxModel.Parse(model.ToByteArray(), "test.onnx"));

    private static float[] Run(ModelProto model, params RuntimeValue?[] inputs)
    {
        var network = Import(model);
        NetworkVerifier.Verify(network);
        return ((Tensor)new Interpreter(network).Run(inputs)[0]!).Span<float>().ToArray();
    }

    private static ModelProto Model(GraphProto graph, int irVersion = 8) => new() { IrVersion = irVersion, OpsetImport = { new OperatorSetIdProto { Version = 18 } }, Graph = graph };

    // Inputs are f32, written as name:dim.dim; outputs are names.
    private static GraphProto Graph(NodeProto[] nodes, string inputs, string outputs)
    {
        var graph = new GraphProto { Name = "graph", Node = { nodes } };
        foreach (string[] input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(i => i.Split(':')))
            graph.Input.Add(Input(input[0], ElementType.Float32, [.. input[1].Split('.').Select(d => long.Parse(d, null))]));
        foreach (string output in outputs.Split(' ')) graph.Output.Add(new ValueInfoProto { Name = output });
        return graph;
    }

    private static ValueInfoProto Input(string name, ElementType type, params long[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (long dim in dims) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dim });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    private static NodeProto Node(string op, string inputs, string outputs, string domain = "") =>
        new() { OpType = op, Domain = domain, Input = { inputs.Split(',') }, Output = { outputs.Split(',') } };

    private static NodeProto If(string condition, GraphProto then, GraphProto otherwise, string output)
    {
        var node = Node("If", condition, output);
        node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = then });
        node.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = otherwise });
        return node;
    }

    private static FunctionProto Function(string name, NodeProto[] nodes, string inputs, string outputs) => new()
    {
        Name = name, Domain = "local", Node = { nodes }, Input = { inputs.Split(',') }, Output = { outputs.Split(',') }, OpsetImport = { new OperatorSetIdProto { Version = 18 } },
    };

    private static AttributeProto Float(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    private static TensorProto Vector(string name, params float[] values) => new() { Name = name, DataType = (int)ElementType.Float32, Dims = { values.Length }, FloatData = { values } };

    private static TensorProto Scalar(string name, float value) => new() { Name = name, DataType = (int)ElementType.Float32, FloatData = { value } };

    private static Tensor Floats(params float[] values) => Tensor.From<float>([values.Length], values);
}
