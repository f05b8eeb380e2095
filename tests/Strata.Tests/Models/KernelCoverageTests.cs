using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Execution;
using Strata.Models;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Models;

/// <summary>No layer of a model, of its bodies neither, runs by its reference evaluation, whether passes ran or not.</summary>
public class KernelCoverageTests
{
    public static TheoryData<string> OwnNames => ModelFileTests.Names;

    public static TheoryData<string> PublishedNames => [.. SuiteCase.Find(TestData.SharedModels).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(OwnNames))]
    public void EveryLayerOfOurModelsHasAKernel(string name)
    {
        using var file = OnnxModel.Load(Path.Combine(Repository.Root, "models", name + ".onnx"));
        var network = OnnxImporter.Import(file);
        var samples = SampleInputs.Create(ModelFileTests.Build(name), 1);
        Check(network, [.. network.Inputs.Select(i => (RuntimeValue?)samples[i.Name])]);
    }

    [TheoryRequiring(TestSource.Shared)]
    [MemberData(nameof(PublishedNames))]
    public void EveryLayerOfPublishedModelsHasAKernel(string name)
    {
        var model = SuiteCase.Find(TestData.SharedModels).Single(c => c.Name == name);
        using var file = OnnxModel.Load(model.ModelPath);
        var network = OnnxImporter.Import(file);
        foreach (var set in RecordedData.Read(Path.GetDirectoryName(model.ModelPath)!, network)) Check(network, set.Inputs);
    }

    private static void Check(Network imported, IReadOnlyList<RuntimeValue?> inputs)
    {
        foreach (var network in new[] { imported, new PassManager(Pipelines.Default).Run(imported).Network })
        {
            using var model = Model.Of(network);
            using var session = model.CreateSession();
            for (int i = 0; i < inputs.Count; i++) session.SetInput(network.Inputs[i].Name, inputs[i]!);
            session.Run();
            var plans = session.Plans.Concat(session.BodyPlans.SelectMany(b => b.Plans));
            Assert.Empty(plans.SelectMany(p => p.Steps).OfType<ReferenceStep>().Select(s => $"{s.Layer.Name} ({s.Layer.Operator}): {s.Reason}"));
        }
    }
}
