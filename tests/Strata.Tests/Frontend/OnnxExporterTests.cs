using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Frontend;

/// <summary>What the exporter writes beside nodes and tensors: versions and names.</summary>
public class OnnxExporterTests
{
    [Theory]
    [InlineData(ElementType.Float32, 21)]
    [InlineData(ElementType.Int64, 21)]
    [InlineData(ElementType.Float16, 27)]
    public void RangeNeedsTheVersionOfItsType(ElementType type, long version)
    {
        var scalar = Tensor.FromInt64s(type, [], [3]);
        Assert.Equal(version, VersionOf(new NumberRange(), scalar, scalar, scalar));
    }

    [Theory]
    [InlineData(ElementType.Float32, 21)]
    [InlineData(ElementType.BFloat16, 22)]
    [InlineData(ElementType.Float4E2M1, 24)]
    [InlineData(ElementType.Int4, 24)]
    [InlineData(ElementType.UInt2, 25)]
    public void CastNeedsTheVersionOfItsTypes(ElementType type, long version) =>
        Assert.Equal(version, VersionOf(new Cast { To = type }, Tensor.Vector(1f, 2f)));

    [Theory]
    [InlineData(ElementType.Int8, 21)]
    [InlineData(ElementType.UInt4, 21)]
    [InlineData(ElementType.Float4E2M1, 23)]
    public void QuantizationNeedsTheVersionOfItsCodes(ElementType type, long version) =>
        Assert.Equal(version, VersionOf(new QuantizeLinear { OutputType = type }, Tensor.Vector(1f, 2f), Tensor.Scalar(0.5f)));

    [Fact]
    public void ATypeRaisesTheVersionEvenOfOperatorsThatTakeAny() =>
        Assert.Equal(25, VersionOf(new Identity(), Tensor.Zeros(ElementType.Int2, 4)));

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

    private static long VersionOf(Operator op, params Tensor[] operands)
    {
        var builder = new NetworkBuilder("one");
        builder.Output("y", builder.Add(op, [.. operands.Select((t, i) => builder.Input($"x{i}", TensorType.Of(t)))]));
        return Model(builder.Build()).OpsetImport.Single(o => o.Domain.Length == 0).Version;
    }

    private static ModelProto Model(Network network) => ModelProto.Parser.ParseFrom(OnnxExporter.Export(network));
}
