#if HAVE_ONNXRUNTIME
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
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

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [InlineData("classifier", 5, 0, 0)]
    [InlineData("decoder", 1, 7, 0)]
    [InlineData("decoder", 3, 1, 9)]
    [InlineData("encoder", 1, 1, 0)]
    [InlineData("encoder", 3, 64, 0)]
    [InlineData("tagger", 1, 1, 0)]
    [InlineData("tagger", 4, 20, 0)]
    [InlineData("unet", 2, 0, 0)]
    public void TakesOtherBatchesAndLengths(string name, int batch, int sequence, int past)
    {
        var model = ModelFileTests.Build(name);
        var inputs = SampleInputs.Create(model, 1, ("batch", batch), ("sequence", sequence), ("past_sequence", past));
        Assert.All(Run(model, inputs).Values, output =>
        {
            Assert.Equal(batch, output.Dims[0]);
            Assert.All(Numbers(output), number => Assert.True(double.IsFinite(number)));
        });
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void SuperResolutionTakesAnyHeightAndWidth()
    {
        var model = ModelFileTests.Build("superresolution");
        var output = Run(model, SampleInputs.Create(model, 1, ("height", 7), ("width", 10)))["upscaled"];
        Assert.Equal([1, 1, 21, 30], output.Dims);
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void ADecoderContinuesFromItsCacheAsFromTheWholeText()
    {
        const int Length = 6;
        var model = ModelFileTests.Build("decoder");
        var whole = SampleInputs.Create(model, 1, ("batch", 1), ("sequence", Length), ("past_sequence", 0));
        var step = new Dictionary<string, Tensor>(SampleInputs.Create(model, 1, ("batch", 1), ("sequence", 1), ("past_sequence", Length - 1)));
        var start = new Dictionary<string, Tensor>(SampleInputs.Create(model, 1, ("batch", 1), ("sequence", Length - 1), ("past_sequence", 0)));
        var ids = whole["input_ids"].Span<long>();
        start["input_ids"] = Tensor.From([1, Length - 1], ids[..^1]);
        step["input_ids"] = Tensor.From([1, 1], ids[^1..]);
        foreach (var (name, value) in Run(model, start).Where(output => output.Key.StartsWith("present.", StringComparison.Ordinal)))
            step[name.Replace("present", "past_key_values", StringComparison.Ordinal)] = FromOnnxRuntime(value);

        double[] expected = Numbers(Run(model, whole)["logits"]), actual = Numbers(Run(model, step)["logits"]);
        Assert.All(actual.Zip(expected.TakeLast(actual.Length)), pair => Assert.InRange(pair.First, pair.Second - 1e-4, pair.Second + 1e-4));
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void InputsTakeBothBranchesOfEachIf()
    {
        var model = ModelFileTests.Build("control");
        string condition = model.Proto.Graph.Node.Single(node => node.OpType == "If").Input[0];
        model.Proto.Graph.Output.Add(new ValueInfoProto { Name = condition });
        var runs = Enumerable.Range(1, 8).Select(seed => Run(model, SampleInputs.Create(model, seed))).ToList();

        Assert.Equal([0, 1], runs.Select(run => Numbers(run[condition]).Single()).Distinct().Order());
        Assert.Contains(runs, run => Numbers(run["changes"]).Any(change => change > 0.3) && Numbers(run["changes"]).Any(change => change < 0.3));
    }

    internal static Dictionary<string, OnnxRuntimeTensor> Run(string path, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var session = new OnnxRuntimeSession(path);
        return Run(session, inputs);
    }

    internal static double[] Numbers(OnnxRuntimeTensor tensor) => FromOnnxRuntime(tensor).ToDoubles();

    private static Dictionary<string, OnnxRuntimeTensor> Run(ModelBuilder model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var session = new OnnxRuntimeSession(model.Proto.ToByteArray());
        return Run(session, inputs);
    }

    private static Dictionary<string, OnnxRuntimeTensor> Run(OnnxRuntimeSession session, IReadOnlyDictionary<string, Tensor> inputs) =>
        session.Run(inputs.ToDictionary(input => input.Key, input => ToOnnxRuntime(input.Value)))
            .ToDictionary(output => output.Key, output => Assert.IsType<OnnxRuntimeTensor>(output.Value));

    private static OnnxRuntimeValue ToOnnxRuntime(Tensor tensor) =>
        new OnnxRuntimeTensor((int)tensor.ElementType, [.. tensor.Dims.Select(dim => (long)dim)], tensor.Bytes.ToArray());

    private static Tensor FromOnnxRuntime(OnnxRuntimeTensor tensor) =>
        Tensor.FromBytes((ElementType)tensor.ElementType, [.. tensor.Dims.Select(dim => (int)dim)], tensor.Data);
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void RunsInOnnxRuntimeAndAnswersToItsInput() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
