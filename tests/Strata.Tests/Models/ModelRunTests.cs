#if HAVE_ONNXRUNTIME
using System.Runtime.InteropServices;
using Google.Protobuf;
using Strata.Models;
using Strata.Models.Building;
using Strata.OnnxRuntime;
using Strata.Tensors;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.Models;

public class ModelRunTests
{
#if HAVE_ONNXRUNTIME
    public static TheoryData<string> Names => ModelFileTests.Names;

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void RunsInOnnxRuntimeAndAnswersToItsInput(string name)
    {
        var model = ModelFileTests.Build(name);
        using var session = new OnnxRuntimeSession(model.Proto.ToByteArray());
        var first = Run(session, SampleInputs.Create(model, 1));
        var second = Run(session, SampleInputs.Create(model, 2));

        Assert.Equal(model.Proto.Graph.Output.Select(output => output.Name).Order(), first.Keys.Order());
        Assert.All(first.Values, value => Assert.All(Numbers(value), number => Assert.True(double.IsFinite(number))));
        var floats = first.Where(output => output.Value.ElementType == (int)ElementType.Float32 && output.Value.Dims.Length > 0).ToList();
        Assert.NotEmpty(floats);
        Assert.All(floats, output =>
        {
            double[] values = Numbers(output.Value), others = Numbers(second[output.Key]);
            double spread = values.Max() - values.Min();
            Assert.True(spread > 1e-3, $"{output.Key} is constant");
            Assert.True(values.Max(Math.Abs) < 100, $"{output.Key} is out of range");
            Assert.True(values.Zip(others).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.05 * spread, $"{output.Key} ignores the input");
        });
    }

    private static Dictionary<string, OnnxRuntimeTensor> Run(OnnxRuntimeSession session, IReadOnlyDictionary<string, Tensor> inputs) =>
        session.Run(inputs.ToDictionary(input => input.Key, input => ToOnnxRuntime(input.Value)))
            .ToDictionary(output => output.Key, output => Assert.IsType<OnnxRuntimeTensor>(output.Value));

    private static OnnxRuntimeValue ToOnnxRuntime(Tensor tensor) =>
        new OnnxRuntimeTensor((int)tensor.ElementType, [.. tensor.Dims.Select(dim => (long)dim)], tensor.Bytes.ToArray());

    private static double[] Numbers(OnnxRuntimeTensor tensor) =>
        Tensor.FromBytes((ElementType)tensor.ElementType, [.. tensor.Dims.Select(dim => (int)dim)], tensor.Data).ToDoubles();
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void RunsInOnnxRuntimeAndAnswersToItsInput() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
