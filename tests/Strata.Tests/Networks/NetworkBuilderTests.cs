using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Networks;

public class NetworkBuilderTests
{
    private static readonly TensorType Vector = new(ElementType.Float32, [Dim.Symbol("?3")]);

    [Fact]
    public void FreshSymbolsAreNew()
    {
        var builder = new NetworkBuilder("n");
        builder.Input("x", new SequenceType(Vector));
        Assert.Equal("?4", builder.Fresh().ToString());
        builder.Constrain(new(Dim.Symbol("?8"), Dim.FloorDiv(Dim.Symbol("?6"), 2), ""));
        Assert.Equal("?9", builder.Fresh().ToString());
        Assert.Equal("?10", new NetworkBuilder("inner", builder).Fresh().ToString());
    }

    [Fact]
    public void NamesStayUnique()
    {
        var builder = new NetworkBuilder("n");
        var x = builder.Input("x", Vector);
        Assert.Throws<InvalidNetworkException>(() => builder.Input("x", Vector));
        Assert.Throws<InvalidNetworkException>(() => builder.Input("", Vector));
        Assert.Equal("x_1", builder.Constant(Tensor.Scalar(1f), "x").Name);
        Assert.Equal("add", builder.Add(new Add(), x, x).Name);
        Assert.Equal("add_1", builder.Add(new Add(), x, x).Name);
    }

    [Fact]
    public void MetadataIsOrdinal()
    {
        var builder = new NetworkBuilder("n") { Metadata = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase).Add("b", "").Add("A", "") };
        Assert.Equal(["A", "b"], builder.Build().Metadata.Keys);
        Assert.False(builder.Build().Metadata.ContainsKey("a"));
    }

    [Fact]
    public void ExtremePadsAreRefused()
    {
        var builder = new NetworkBuilder("n");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [1, 1, 8]));
        var w = builder.Constant(Tensor.Zeros(ElementType.Float32, 1, 1, 1));
        Assert.Throws<InvalidNetworkException>(() => builder.Add(new Conv { Window = new() { Pads = [long.MinValue, 0] } }, x, w));
    }

    [Fact]
    public void DimensionsBelowZeroAreRefusedHoweverDeepTheyLie()
    {
        var tensor = new TensorType(ElementType.Float32, [4, -3]);
        foreach (NetworkType type in (NetworkType[])[tensor, new SequenceType(tensor), new OptionalType(new SequenceType(tensor)), new MapType(ElementType.Int64, tensor)])
        {
            var builder = new NetworkBuilder("n");
            builder.Output("y", builder.Add(new Identity(), builder.Input("x", type)));
            Assert.Contains("never negative", Assert.Throws<InvalidNetworkException>(() => NetworkVerifier.Verify(builder.Build())).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PaddingBitsCarryNothing()
    {
        var dirty = Tensor.FromBytes(ElementType.Int4, [3], new byte[] { 0x21, 0xF3 });
        var clean = Tensor.FromBytes(ElementType.Int4, [3], new byte[] { 0x21, 0x03 });
        Assert.True(dirty.BitEquals(clean));
        Assert.Equal(Constant.Of(clean).Hash, Constant.Of(dirty).Hash);
    }

    [Fact]
    public void UnpairedSurrogatesAreDistinct()
    {
        Assert.NotEqual(Constant.Of(Tensor.FromStrings([], "\ud800")).Hash, Constant.Of(Tensor.FromStrings([], "\ud801")).Hash);
    }
}
