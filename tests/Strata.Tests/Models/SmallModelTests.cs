#if HAVE_ONNXRUNTIME
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Models;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.OnnxRuntime;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.Models;

/// <summary>The models of this repository, interpreted and exported, against ONNX Runtime.</summary>
public class SmallModelTests
{
    public static TheoryData<string> Names => ModelFileTests.Names;

#if HAVE_ONNXRUNTIME
    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void ComputeTheSameAsInOnnxRuntime(string name)
    {
        string path = Path.Combine(Repository.Root, "models", name + ".onnx");
        using var file = OnnxModel.Load(path);
        var network = OnnxImporter.Import(file);
        using var original = new OnnxRuntimeReference(path, exactByteProducts: true);
        using var exported = new OnnxRuntimeReference(OnnxExporter.Export(network), exactByteProducts: true);
        var interpreter = new Interpreter(network);
        var model = ModelFileTests.Build(name);
        // An average of codes often lies exactly between two; which way it rounds depends on the order of additions.
        bool quantized = network.Layers.Any(l => l.Operator is QuantizeLinear);
        var tolerance = new Tolerance(0, 0, quantized ? 4.0 / 255 : 1e-4);
        foreach (int seed in (int[])[1, 2])
        {
            var samples = SampleInputs.Create(model, seed);
            RuntimeValue?[] inputs = [.. network.Inputs.Select(i => samples[i.Name])];
            var expected = original.Run(network, inputs);
            Agree(interpreter.Run(inputs), expected);
            Agree(exported.Run(network, inputs), expected);
        }

        void Agree(IReadOnlyList<RuntimeValue?> actual, IReadOnlyList<RuntimeValue?> expected)
        {
            for (int i = 0; i < expected.Count; i++)
            {
                string? difference = ValueComparison.Difference(actual[i], expected[i], tolerance);
                Assert.True(difference is null, $"{network.Outputs[i].Name}: {difference}");
            }
        }
    }
#else
    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void ComputeTheSameAsInOnnxRuntime(string name) => Assert.Fail($"{name}: there is no ONNX Runtime");
#endif
}
