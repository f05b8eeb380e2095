using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Models;
using Strata.Models.Building;
using Strata.Tests.Support;

namespace Strata.Tests.Models;

public class ModelFileTests
{
    private const int Limit = 300_000;

    public static TheoryData<string> Names => [.. ModelCatalog.All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheCommittedFileIsWhatTheBuilderGives(string name)
    {
        byte[] built = Build(name).Proto.ToByteArray();
        Assert.InRange(built.Length, 1, Limit - 1);
        Assert.True(built.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Repository.Root, "models", name + ".onnx"))),
            $"models/{name}.onnx differs; write it with: dotnet run --project models/Strata.Models -- {name}");
    }

    [Fact]
    public void NoFileIsWithoutABuilder() => Assert.Equal(
        ModelCatalog.All.Select(recipe => recipe.Name + ".onnx").Order(StringComparer.Ordinal),
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx").Select(Path.GetFileName).Order(StringComparer.Ordinal)!);

    [Fact]
    public void TheReadmeHasTheTableOfAllModels() =>
        Assert.Contains(ModelTable.Markdown(), Repository.ReadText("models", "README.md"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryValueIsDefinedOnceAndBeforeItsUse(string name)
    {
        foreach (var size in Enum.GetValues<ModelSize>())
        {
            var model = ModelCatalog.All.Single(recipe => recipe.Name == name).Build(size, new CountedWeights());
            CheckGraph(model.Proto.Graph, []);
            Assert.InRange(model.Proto.OpsetImport.Single().Version, 7, 22);
        }
    }

    /// <summary>The figures that the papers and model zoos give for these architectures, classifier heads included.</summary>
    [Theory]
    [InlineData("classifier", 25_557_032)]
    [InlineData("decoder", 124_439_808)]
    [InlineData("encoder", 109_482_240)]
    [InlineData("generator", 3_576_704)]
    [InlineData("mobilenet", 3_504_872)]
    [InlineData("squeezenet", 1_235_496)]
    [InlineData("unet", 31_037_698)]
    public void ABenchmarkHasAsManyParametersAsItsOriginal(string name, long parameters) =>
        Assert.Equal(parameters, ModelCatalog.All.Single(recipe => recipe.Name == name).Build(ModelSize.Benchmark, new CountedWeights()).Parameters);

    [Theory]
    [MemberData(nameof(Names))]
    public void SampleInputsHaveTheDeclaredTypesAndDependOnTheSeedOnly(string name)
    {
        var model = Build(name);
        var first = SampleInputs.Create(model, 1);
        var again = SampleInputs.Create(model, 1);
        var other = SampleInputs.Create(model, 2);

        Assert.Equal(model.Proto.Graph.Input.Select(input => input.Name), first.Keys);
        Assert.All(model.Proto.Graph.Input, input =>
        {
            var (tensor, type) = (first[input.Name], input.Type.TensorType);
            Assert.Equal(type.ElemType, (int)tensor.ElementType);
            Assert.Equal(type.Shape.Dim.Count, tensor.Rank);
            Assert.All(type.Shape.Dim.Index(), dim => Assert.True(dim.Item.HasDimParam || dim.Item.DimValue == tensor.Dims[dim.Index]));
            Assert.True(tensor.BitEquals(again[input.Name]));
        });
        Assert.Contains(first, input => !input.Value.BitEquals(other[input.Key]));
    }

    internal static ModelBuilder Build(string name) =>
        ModelCatalog.All.Single(recipe => recipe.Name == name).Build(ModelSize.Small, new InlineWeights());

    private static void CheckGraph(GraphProto graph, HashSet<string> outer)
    {
        var defined = new HashSet<string>(outer, StringComparer.Ordinal) { "" };
        var nodes = new HashSet<string>(StringComparer.Ordinal);
        Assert.All(graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(weight => weight.Name)), value => Assert.True(defined.Add(value), value));
        foreach (var node in graph.Node)
        {
            Assert.True(nodes.Add(node.Name), node.Name);
            Assert.All(node.Input, value => Assert.Contains(value, defined));
            foreach (var attribute in node.Attribute.Where(attribute => attribute.G is not null)) CheckGraph(attribute.G, defined);
            Assert.All(node.Output.Where(value => value.Length != 0), value => Assert.True(defined.Add(value), value));
        }
        Assert.All(graph.Output, output => Assert.Contains(output.Name, defined));
    }
}
