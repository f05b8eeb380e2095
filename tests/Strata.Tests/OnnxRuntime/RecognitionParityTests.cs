#if HAVE_ONNXRUNTIME
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Execution;
using Strata.Networks;
using Strata.OnnxRuntime;
using Strata.Passes;
using Strata.Tensors;
using Strata.Tests.Passes;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>What a rule recognises, exported, computes in ONNX Runtime what the network computed before.</summary>
#if HAVE_ONNXRUNTIME
public class RecognitionParityTests
{
    public static TheoryData<string> Rules => [.. typeof(RecognitionTest).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(RecognitionTest))).Select(t => t.Name)];

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Rules))]
    public void RecognizedNetworksComputeTheSameInOnnxRuntime(string rule)
    {
        var test = (RecognitionTest)Activator.CreateInstance(typeof(RecognitionTest).Assembly.GetType($"Strata.Tests.Passes.{rule}")!)!;
        var (before, after) = test.Rewritten();
        AssertSame(before, after, Math.Max(1e-5, test.Tolerance));
    }

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(TransformerBlockTests.Names), MemberType = typeof(TransformerBlockTests))]
    public void RecognizedBlocksComputeTheSameInOnnxRuntime(string name)
    {
        var before = RuleTest.Parse(TransformerBlocks.All[name].Text);
        AssertSame(before, new PassManager(Pipelines.Default).Run(before).Network, 1e-5);
    }

    private static void AssertSame(Network before, Network after, double bound)
    {
        var inputs = RandomInputs.Create(before, 1, RandomInputs.Symbols(before).ToDictionary(s => s, _ => 3L, StringComparer.Ordinal));
        using var session = new OnnxRuntimeReference(OnnxExporter.Export(after), OnnxRuntimeOptimization.None);
        var theirs = session.Run(after, inputs);
        var ours = new Interpreter(before).Run(inputs);
        for (int i = 0; i < ours.Count; i++)
        {
            var difference = new FidelityAccumulator(before.Outputs[i].Name);
            difference.Add(ours[i], theirs[i]);
            Assert.True(difference.Result().Within(bound), $"output '{before.Outputs[i].Name}': {ours[i]} against {theirs[i]}, {difference.Result().RelativeError} of the largest magnitude");
        }
    }
}
#else
public class RecognitionParityTests
{
    [FactRequiring(TestSource.OnnxRuntime)]
    public void RecognizedBlocksComputeTheSameInOnnxRuntime() => TestData.Require(TestSource.OnnxRuntime);

    [FactRequiring(TestSource.OnnxRuntime)]
    public void RecognizedNetworksComputeTheSameInOnnxRuntime() => TestData.Require(TestSource.OnnxRuntime);
}
#endif
