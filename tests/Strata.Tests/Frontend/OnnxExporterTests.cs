using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Decomposition;
using Strata.Tensors;
using Strata.Tests.Networks;
using Strata.Tests.Passes;
using Strata.Tests.Support;

namespace Strata.Tests.Frontend;

/// <summary>What the exporter writes beside nodes and tensors: versions and names.</summary>
public class OnnxExporterTests
{
    [Theory]
    [InlineData(ElementType.Float32, 11)]
    [InlineData(ElementType.Int64, 11)]
    [InlineData(ElementType.Float16, 27)]
    public void RangeNeedsTheVersionOfItsType(ElementType type, long version)
    {
        var scalar = Tensor.FromInt64s(type, [], [3]);
        Assert.Equal(version, VersionOf(new NumberRange(), scalar, scalar, scalar));
    }

    [Theory]
    [InlineData(ElementType.Float64, 11)]
    [InlineData(ElementType.BFloat16, 13)]
    [InlineData(ElementType.Float8E5M2, 19)]
    [InlineData(ElementType.Float4E2M1, 24)]
    [InlineData(ElementType.Int4, 24)]
    [InlineData(ElementType.UInt2, 25)]
    public void CastNeedsTheVersionOfItsTypes(ElementType type, long version) =>
        Assert.Equal(version, VersionOf(new Cast { To = type }, Tensor.Vector(1f, 2f)));

    [Theory]
    [InlineData(ElementType.Int16, 21)]
    [InlineData(ElementType.UInt4, 21)]
    [InlineData(ElementType.Float4E2M1, 23)]
    public void QuantizationNeedsTheVersionOfItsCodes(ElementType type, long version) =>
        Assert.Equal(version, VersionOf(new QuantizeLinear { OutputType = type }, Tensor.Vector(1f, 2f), Tensor.Scalar(0.5f)));

    [Fact]
    public void ATypeRaisesTheVersionEvenOfOperatorsThatTakeAny() =>
        Assert.Equal(25, VersionOf(new Identity(), Tensor.Zeros(ElementType.Int2, 4)));

    public static TheoryData<Operator, Tensor[], int, int> Forms => new()
    {
        { new Relu(), [Tensor.Vector(1f)], 11, 6 },
        { new Relu(), [Tensor.Vector(1)], 14, 7 },
        { new Clip(), [Tensor.Vector(1f), Tensor.Scalar(0f)], 11, 6 },
        { new Clip(), [Tensor.Vector(1), Tensor.Scalar(0)], 12, 7 },
        { new Pow(), [Tensor.Vector(2f), Tensor.Vector(2L)], 12, 7 },
        { new ShapeOf(), [Tensor.Vector(1f)], 11, 6 },
        { new ShapeOf { Start = 1 }, [Tensor.Vector(1f)], 15, 8 },
        { new Squeeze(), [Tensor.Zeros(ElementType.Float32, 1, 2), Tensor.Vector(0L)], 13, 7 },
        { new Split(), [Tensor.Vector(1f, 2f), Tensor.Vector(2L)], 13, 7 },
        { new Split { NumOutputs = 1 }, [Tensor.Vector(1f, 2f)], 18, 8 },
        { new Pad(), [Tensor.Vector(1f), Tensor.Vector(0L, 0L)], 11, 6 },
        { new Pad { Mode = PadMode.Wrap }, [Tensor.Vector(1f), Tensor.Vector(0L, 0L)], 19, 9 },
        { new GatherND { BatchDims = 1 }, [Tensor.Zeros(ElementType.Float32, 2, 2), Tensor.Zeros(ElementType.Int64, 2, 1)], 12, 7 },
        { new ReduceMean(), [Tensor.Vector(1f)], 11, 6 },
        { new ReduceMean(), [Tensor.Vector(1f), Tensor.Vector(0L)], 18, 8 },
        { new Gelu(), [Tensor.Vector(1f)], 20, 9 },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void TheLeastVersionThatHasTheFormIsWritten(Operator op, Tensor[] operands, int version, int ir)
    {
        var model = Model(One(op, operands));
        Assert.Equal((version, ir), (model.OpsetImport.Single().Version, model.IrVersion));
    }

    /// <summary>What is constant may stand in an attribute, unless another layer needs a version in which it may not.</summary>
    [Theory]
    [InlineData(false, 11, 0)]
    [InlineData(true, 20, 3)]
    public void ConstantsAreAttributesWhereTheVersionHasThem(bool newer, int version, int initializers)
    {
        var builder = new NetworkBuilder("forms");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2, 1, 4]));
        x = Add(new Squeeze(), "a", 1);
        x = Add(new ReduceMean(), "b", -1);
        x = Add(new Unsqueeze(), "c", 0);
        x = builder.Add(new Softmax { Axis = 2 }, x);
        if (newer) x = builder.Add(new Gelu(), x);
        builder.Output("y", x);
        var network = builder.Build();
        var model = Model(network);
        Assert.Equal((version, initializers), (model.OpsetImport.Single().Version, model.Graph.Initializer.Count));
        Assert.Equal(newer ? 1 : 4, model.Graph.Node.Sum(n => n.Attribute.Count(a => a.Name is "axes" or "axis")));

        using var again = OnnxModel.Parse(OnnxExporter.Export(network), "again.onnx");
        var imported = OnnxImporter.Import(again);
        Passes.RuleTest.AssertSameValues(network, imported, seed: 1);
        Assert.Equal(model.Graph, Model(imported).Graph);

        // Named as an import names what it makes of an attribute.
        Value Add(Operator op, string name, long axis) =>
            builder.Add(op, [x, builder.Constant(Tensor.Vector(axis), name + "_const")], [new OutputSpec(name)], name).Outputs[0]!;
    }

    /// <summary>Clipped softmax, for which ONNX has no attribute, in every form of operands and results.</summary>
    [Theory]
    [InlineData(4, false, 1)]
    [InlineData(4, true, 4)]
    [InlineData(3, false, 1)]
    [InlineData(3, true, 4)]
    public void ClippedAttentionIsWrittenOut(int rank, bool isJoined, int outputs)
    {
        foreach (var mode in Enum.GetValues<AttentionScores>())
        {
            var builder = new NetworkBuilder("clipped");
            Value q = Heads("q", 4, 3, 5), k = Heads("k", 2, 6, 5), v = Heads("v", 2, 6, 7);
            Value?[] operands = isJoined ? [q, k, v, null, builder.Input("past_k", new TensorType(ElementType.Float32, [2, 2, 1, 5])), builder.Input("past_v", new TensorType(ElementType.Float32, [2, 2, 1, 7]))] : [q, k, v];
            var op = new Attention { Stretch = [-0.1f, 1.2f], IsCausal = isJoined, QNumHeads = 4, KvNumHeads = 2, QkMatmulOutputMode = mode };
            var layer = builder.Add(op, operands, [.. Enumerable.Range(0, outputs).Select(i => (OutputSpec?)new OutputSpec($"y{i}"))], "attend");
            foreach (var output in layer.Outputs) builder.Output(output!.Name, output);
            var network = builder.Build();

            Assert.Contains(Model(network).Graph.Node, n => n.OpType == "Clip");
            Assert.All(Model(network).Graph.Node, n => Assert.DoesNotContain(n.Attribute, a => a.Name == "stretch"));
            using var again = OnnxModel.Parse(OnnxExporter.Export(network), "again");
            RuleTest.AssertSameValues(network, OnnxImporter.Import(again), seed: 1, bound: 1e-6);

            Value Heads(string name, int heads, int length, int size) =>
                builder.Input(name, new TensorType(ElementType.Float32, rank == 4 ? [2, heads, length, size] : [2, length, heads * size]));
        }
    }

    /// <summary>What was a transposed convolution is one again, whatever its extents; other parts are written out in movements that ONNX has.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void InterleavedPartsAreWrittenOut(bool isSplit)
    {
        var builder = new NetworkBuilder("interleaved");
        if (isSplit)
        {
            var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("N"), 4, Dim.Symbol("H"), 5]));
            var op = new ConvTranspose { Group = 2, Method = ConvTransposeMethod.Scatter, Window = new() { Strides = [3, 2], Pads = [0, 1, 2, 1] }, OutputPadding = [2, 1] };
            builder.Output("y", builder.Add(op, x, builder.Constant(SampleNetworks.Ramp(4, 3, 3, 4), "w"), builder.Constant(SampleNetworks.Ramp(6), "b")));
        }
        else
        {
            Value?[] parts = [.. Enumerable.Range(0, 12).Select(p => p % 5 == 1 ? null : builder.Input($"part{p}", new TensorType(ElementType.Float32, [Dim.Symbol("N"), 2, Dim.Symbol("D"), 3, 2])))];
            builder.Output("filled", builder.Add(new Interleave { Strides = [2, 1, 6], Trim = [1, 0, 4] }, [.. parts, builder.Input("fill", new TensorType(ElementType.Float32, [2]))]));
            builder.Output("empty", builder.Add(new Interleave { Strides = [3, 4, 1] }, parts));
        }
        var network = builder.Build();
        if (isSplit) network = new PassManager(new RulePass("split", "", new ConvTransposeSplit())).Run(network).Network;
        Assert.Contains(network.Layers, l => l.Operator is Interleave);

        Assert.All(Model(network).Graph.Node, n => Assert.True(isSplit ? n.OpType == "ConvTranspose" : n.OpType is not "ConvTranspose", n.OpType));
        Assert.All(Model(network).Graph.Node, n => Assert.DoesNotContain(n.Attribute, a => a.Name == "method"));
        using var again = OnnxModel.Parse(OnnxExporter.Export(network), "again");
        RuleTest.AssertSameValues(network, OnnxImporter.Import(again), seed: 1, bound: 1e-6);
    }

    [Fact]
    public void TheTableOfVersionsHasTheAttributesOfOnnx()
    {
        var schemas = OnnxSchema.All.Where(s => s.Domain == "ai.onnx").ToLookup(s => s.Name);
        foreach (var row in OperatorTable.All.Where(r => r.Direct is not null && r.Domain.Length == 0).DistinctBy(r => r.Name))
        {
            foreach (var version in OperatorVersion.Of(row.Name))
            {
                var schema = schemas[row.Name].Where(s => s.Version <= version.Version).MaxBy(s => s.Version)!;
                Assert.Equal(schema.Attributes.Order(), version.Attributes.Where(a => !a.Contains('=')).Order());
            }
            Assert.NotEmpty(OperatorVersion.Of(row.Name));
        }
    }

    [Fact]
    public void AConstantOfSeveralGraphsIsStoredOnceAroundThem()
    {
        var weights = Constant.Of(Tensor.Vector(1f, 2f));
        var outer = new NetworkBuilder("outer");
        var condition = outer.Input("condition", new TensorType(ElementType.Bool, []));
        var x = outer.Input("x", new TensorType(ElementType.Float32, [2]));
        var branches = new If { Then = Body("then", "w", 3), Else = Body("else", "v", 4) };
        outer.Output("y", outer.Add(branches, [condition, x], [new OutputSpec("y")], "").Outputs[0]!);
        var network = outer.Build();

        var graph = Model(network).Graph;
        Assert.Equal("w", Assert.Single(graph.Initializer).Name);
        var bodies = Assert.Single(graph.Node).Attribute.Select(a => a.G).ToArray();
        Assert.All(bodies, body => Assert.Single(body.Initializer)); // what only one branch uses
        Assert.All(bodies, body => Assert.Contains(body.Node, node => node.Input.Contains("w")));
        using var again = OnnxModel.Parse(OnnxExporter.Export(network), "again");
        RuleTest.AssertSameValues(network, OnnxImporter.Import(again), 0);

        Network Body(string name, string constant, float other)
        {
            var body = new NetworkBuilder(name, outer);
            var inner = body.Capture("x", x, outer);
            body.Output("y", body.Add(new Add(), body.Add(new Mul(), inner, body.Constant(weights, constant)), body.Constant(Tensor.Vector(other))));
            return body.Build();
        }
    }

    [Fact]
    public void WeightsGoBesideAModelThatTheyWouldMakeTooLarge()
    {
        var big = Tensor.From<float>([600], [.. Enumerable.Range(0, 600).Select(i => i / 7f)]);
        var builder = new NetworkBuilder("big");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [600]));
        builder.Output("y", builder.Add(new Add(), builder.Add(new Mul(), builder.Add(new Sub(), x, builder.Constant(big, "a")), builder.Constant(Tensor.From<float>([600], [.. big.Span<float>().ToArray().Select(v => -v)]), "b")), builder.Constant(Tensor.Scalar(2f), "c")));
        var network = builder.Build();
        using var folder = new TemporaryFolder();
        string whole = Path.Combine(folder.Path, "whole.onnx"), split = Path.Combine(folder.Path, "split.onnx"), forced = Path.Combine(folder.Path, "forced.onnx");

        long inOne = OnnxExporter.Of(network).Write(whole, externalData: false, mostEmbedded: 4804);
        Assert.Equal(new FileInfo(whole).Length, inOne);
        Assert.False(File.Exists(whole + ".data"));
        long written = OnnxExporter.Of(network).Write(split, externalData: false, mostEmbedded: 4803);
        Assert.Equal(new FileInfo(split).Length + new FileInfo(split + ".data").Length, written);
        OnnxExporter.Export(network, forced, externalData: true);
        Assert.Equal(File.ReadAllBytes(split + ".data"), File.ReadAllBytes(forced + ".data"));

        Assert.Equal(4096 + 2400, new FileInfo(split + ".data").Length);
        Assert.InRange(new FileInfo(split).Length, 1, 1000);
        foreach (string path in (string[])[whole, split, forced])
        {
            using var model = OnnxModel.Load(path);
            RuleTest.AssertSameValues(network, OnnxImporter.Import(model), 0);
        }
    }

    [Fact]
    public void NodesOfOneGraphDifferInName()
    {
        var builder = new NetworkBuilder("names");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2]));
        foreach (string name in (string[])["fused", "fused", "", "", "fused_1"]) x = builder.Add(new Relu(), [x], [new OutputSpec("")], name).Outputs[0]!;
        builder.Output("y", x);
        Assert.Equal(["fused", "fused_1", "", "", "fused_1_1"], Model(builder.Build()).Graph.Node.Select(n => n.Name));
    }

    [Fact]
    public void WhatOnnxRequiresIsWrittenEvenAtOurDefault()
    {
        var builder = new NetworkBuilder("required");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [1, 1, 2, 2]));
        builder.Output("y", builder.Add(new SpaceToDepth(), x));
        builder.Output("z", builder.Add(new StringSplit(), builder.Input("s", new TensorType(ElementType.String, [2]))));
        var nodes = Model(builder.Build()).Graph.Node;
        Assert.Equal("blocksize", Assert.Single(nodes[0].Attribute).Name);
        Assert.Equal(2, nodes[1].Output.Count);
    }

    private static long VersionOf(Operator op, params Tensor[] operands) => Model(One(op, operands)).OpsetImport.Single(o => o.Domain.Length == 0).Version;

    private static Network One(Operator op, params Tensor[] operands)
    {
        var builder = new NetworkBuilder("one");
        builder.Output("y", builder.Add(op, [.. operands.Select((t, i) => builder.Input($"x{i}", TensorType.Of(t)))]));
        return builder.Build();
    }

    private static ModelProto Model(Network network) => ModelProto.Parser.ParseFrom(OnnxExporter.Export(network));
}
