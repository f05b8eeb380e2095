using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Models;
using Strata.Models.Architectures;
using Strata.Models.Building;
using Strata.Tests.Support;

namespace Strata.Tests.Models;

public class ExternalWeightsTests
{
    [Fact]
    public void TheSameValuesLieInTheFileAtAlignedOffsets()
    {
        using var folder = new TemporaryFolder();
        var recipe = ModelCatalog.All.Single(recipe => recipe.Name == "classifier");
        string path = ModelWriter.Write(folder.Path, recipe.Name, externalData: true, weights => recipe.Build(ModelSize.Small, weights)).Path;
        var external = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        byte[] data = File.ReadAllBytes(path + ".data");

        foreach (var (expected, tensor) in ModelFileTests.Build(recipe.Name).Proto.Graph.Initializer.Zip(external.Graph.Initializer))
        {
            bool moved = tensor.DataLocation == TensorProto.Types.DataLocation.External;
            Assert.Equal(expected.RawData.Length >= ExternalWeights.Threshold, moved);
            if (!moved) continue;

            Assert.Equal("classifier.onnx.data", Entry("location"));
            int offset = int.Parse(Entry("offset"), CultureInfo.InvariantCulture), length = int.Parse(Entry("length"), CultureInfo.InvariantCulture);
            Assert.Equal(0, offset % ExternalWeights.Alignment);
            Assert.Equal(expected.RawData, ByteString.CopyFrom(data, offset, length));

            string Entry(string key) => tensor.ExternalData.Single(entry => entry.Key == key).Value;
        }
        Assert.Equal([path, path + ".data"], Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(nameof(ChainOp.Conv))]
    [InlineData(nameof(ChainOp.MatMul))]
    public void AChainHasWeightsOfTheSizeAskedFor(string op)
    {
        using var folder = new TemporaryFolder();
        var (path, model) = ModelWriter.Write(folder.Path, "chain", externalData: true, weights => Chain.Build(2, 3, Enum.Parse<ChainOp>(op), weights));
        var tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Initializer;

        Assert.Equal(["2097152", "2097152", "2097152"], tensors
            .Where(tensor => tensor.Name.EndsWith(".linear.weight", StringComparison.Ordinal))
            .Select(tensor => tensor.ExternalData.Single(entry => entry.Key == "length").Value));
        Assert.Equal(model.Weights.Bytes, new FileInfo(path + ".data").Length);
#if HAVE_ONNXRUNTIME
        var values = ModelRunTests.Numbers(ModelRunTests.Run(path, SampleInputs.Create(model, 1))["output"]);
        Assert.InRange(Math.Sqrt(values.Average(value => value * value)), 0.2, 2);
#endif
    }
}
