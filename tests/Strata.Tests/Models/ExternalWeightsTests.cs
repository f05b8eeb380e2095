using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Models;
using Strata.Models.Building;

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

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("strata-models-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
