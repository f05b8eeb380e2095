using Strata.Bitstream;
using Strata.Compiler.Pipeline;
using Strata.Fuzz;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;
using Strata.Tests.Networks;
using Strata.Tests.Oracles;

namespace Strata.Tests.Bitstream;

public class RoundTripTests
{
    public static TheoryData<string> Samples => [.. SampleNetworks.All.Select(s => s.Name)];

    public static TheoryData<string> Goldens => [.. GoldenNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public void DecodesToTheSameNetwork(string name)
    {
        var network = SampleNetworks.All.Single(s => s.Name == name).Network;
        byte[] bytes;
        try
        {
            bytes = EncodedFile.Encode(network);
        }
        catch (InvalidNetworkException error)
        {
            Assert.Contains("unpaired surrogate", error.Message, StringComparison.Ordinal); // UTF-8 cannot say it
            return;
        }
        Assert.Null(NetworkComparer.FirstDifference(network, EncodedFile.Decode(bytes)));
        Assert.Equal(bytes, EncodedFile.Encode(EncodedFile.Decode(bytes)));
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public void GoldenFilesDecodeForGood(string name)
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf(name));
        Assert.Null(NetworkComparer.FirstDifference(GoldenNetworks.All[name](), EncodedFile.Decode(bytes)));
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public Task TraceListsEveryHeaderField(string name) =>
        VerifyXunit.Verifier.Verify(EncodedNetwork.Trace(new MemoryByteSource(File.ReadAllBytes(GoldenNetworks.PathOf(name)), name))).UseParameters(name);

    [Fact]
    public void EqualTensorsAreStoredOnce()
    {
        using var file = EncodedFile.Open(File.ReadAllBytes(GoldenNetworks.PathOf("convolution-v1")));
        Assert.Single(file.Constants, c => c.Count == 72);
        Assert.Empty(file.Layers[1].Constants);
    }

    [Fact]
    public void AMatrixAndItsTransposeAreStoredOnce()
    {
        var wide = SampleNetworks.Ramp(3, 40);
        var builder = new NetworkBuilder("tied");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2, 3]));
        var y = builder.Add(new MatMul(), x, builder.Constant(wide, "wide"));
        builder.Output("z", builder.Add(new MatMul(), y, builder.Constant(Tensor.FromBytes(wide.ElementType, [40, 3], Turned(wide)), "tall")));
        var network = builder.Build();
        using var file = EncodedFile.Open(EncodedFile.Encode(network));
        Assert.Equal(["transposed"], file.Layers[1].Constants.Select(c => c.Codec));
        Assert.Equal(0, file.Layers[1].DataBytes);
        Assert.Null(NetworkComparer.FirstDifference(network, file.Network));
        using var raw = EncodedFile.Open(EncodedFile.Encode(network, coding: ConstantCoding.Raw));
        Assert.Equal(["raw"], raw.Layers[1].Constants.Select(c => c.Codec));

        static byte[] Turned(Tensor t)
        {
            int rows = t.Dims[0], columns = t.Dims[1];
            return [.. from c in Enumerable.Range(0, columns) from r in Enumerable.Range(0, rows) from b in t.Bytes.Slice(4 * (r * columns + c), 4).ToArray() select b];
        }
    }

    [Fact]
    public void RawPayloadsAreAlignedTo64Bytes()
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf("convolution-v1"));
        using var file = EncodedFile.Open(bytes);
        var record = file.Layers[0].Constants.Single(c => !c.IsInline);
        Assert.Equal(0, file.Layers[0].DataOffset % 64);
        Assert.Equal(record.Constant.Materialize().Bytes.ToArray(), bytes[(int)file.Layers[0].DataOffset..][..(int)record.Bytes]);
    }

    /// <summary>Uncoded files are of format 1.0, unless the network has what came later.</summary>
    [Theory]
    [InlineData(new float[0], 0)]
    [InlineData(new[] { -0.5f, 1 }, 2)]
    public void TheVersionIsTheLeastThatKnowsEveryAttribute(float[] stretch, int minor)
    {
        var builder = new NetworkBuilder("attention");
        var q = builder.Input("q", new TensorType(ElementType.Float32, [1, 2, 3, 40]));
        var k = builder.Constant(SampleNetworks.Ramp(80, 40), "k");
        k = builder.Add(new Reshape(), k, builder.Constant(Tensor.Vector(1L, 2, 40, 40), "heads"));
        builder.Output("y", builder.Add(new Attention { Stretch = [.. stretch] }, q, k, k));
        var network = builder.Build();
        byte[] bytes = EncodedFile.Encode(network, coding: ConstantCoding.Raw);
        Assert.Equal(minor, bytes[10]);
        Assert.Null(NetworkComparer.FirstDifference(network, EncodedFile.Decode(bytes)));
        Assert.Equal(minor, new PlainDecoder(RepositoryFiles.Tables).Decode(bytes).Minor);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void ParallelDecodingGivesTheSameTensors(int threads)
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf("elements-v1"));
        using var file = EncodedNetwork.Open(new MemoryByteSource(bytes), new DecodeOptions { Threads = threads });
        var tensors = file.MaterializeAll();
        var expected = GoldenNetworks.All["elements-v1"]();
        foreach (var (value, golden) in file.Network.Constants.Zip(expected.Constants))
        {
            Assert.True(tensors[value.Constant!].BitEquals(golden.Constant!.Materialize()), value.Name);
        }
    }

    [Fact]
    public void TheSourceSectionComesBack()
    {
        byte[] section = [1, 2, 3];
        byte[] bytes = EncodedFile.Encode(SampleNetworks.Classifier(), _ => section);
        using var file = EncodedFile.Open(bytes);
        Assert.Equal(section, file.ReadSource());
        using var without = EncodedFile.Open(EncodedFile.Encode(SampleNetworks.Classifier()));
        Assert.Null(without.ReadSource());
    }

    [Fact]
    public void MaterialisingBeyondTheMemoryLimitIsRefusedBeforehand()
    {
        using var file = EncodedFile.Open(EncodedFile.Encode(SampleNetworks.Classifier()), maxMemory: 100);
        Assert.Throws<ResourceLimitException>(() => file.MaterializeAll());
    }

    [Fact]
    public void AQuantizedOutputMayShareItsScaleWithALayer()
    {
        var builder = new NetworkBuilder("shared");
        Value scale = builder.Constant(Tensor.Scalar(0.5f)), zero = builder.Constant(Tensor.Scalar<byte>(3));
        builder.Output("codes", builder.Add(new QuantizeLinear(), builder.Constant(Tensor.Vector(1f, 2f)), scale, zero));
        builder.Output("y", builder.Add(new Mul(), builder.Input("x", new TensorType(ElementType.Float32, [2])), scale));
        var folded = new PassManager(Pipelines.Default).Run(builder.Build()).Network;
        Assert.Single(folded.Layers);
        using var file = EncodedFile.Open(EncodedFile.Encode(folded));
        Assert.Null(NetworkComparer.FirstDifference(folded, file.Network));
    }

    [Fact]
    public void AnOperatorThatTheBuildLacksIsRefused()
    {
        var builder = new NetworkBuilder("custom");
        builder.Output("y", builder.Add(new Everything()));
        byte[] bytes = EncodedFile.Encode(builder.Build());
        var error = Assert.Throws<UnsupportedOperatorException>(() => EncodedNetwork.Open(new MemoryByteSource(bytes)));
        Assert.Contains("1000000", error.Message, StringComparison.Ordinal);
    }
}
