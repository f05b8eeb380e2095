using Strata.Compiler;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Fidelity;

/// <summary>Compiling through the library, and the verification that goes with it.</summary>
public class CompilerTests
{
    [Fact]
    public void AProgramCompilesWithProgress()
    {
        using var model = OnnxModel.Parse(OnnxExporter.Export(Scale(2)), "scale.onnx");
        using var output = new MemoryStream();
        var stages = new List<string>();
        var report = Strata.Compiler.Compiler.Compile(model, output, new CompileOptions { Preserve = true }, new Listener(stages));
        Assert.Equal(output.Length, report.Encoding.FileBytes);
        Assert.True(report.Verification!.IsIdentical);
        Assert.Equal(["import", "encode", "verify"], stages.Distinct());
        Assert.Equal(["import", "optimize", "encode", "verify"], report.Stages.Select(s => s.Stage));
        Assert.Empty(report.Passes);
    }

    [Fact]
    public void PassesRunUnlessTheModelIsPreserved()
    {
        using var model = OnnxModel.Parse(OnnxExporter.Export(Repeated()), "repeated.onnx");
        var stages = new List<string>();
        var seen = new List<string>();
        using var output = new MemoryStream();
        var report = Strata.Compiler.Compiler.Compile(model, output, new CompileOptions { AfterPass = (pass, _) => seen.Add(pass.Name) }, new Listener(stages));
        Assert.Equal(["import", "optimize", "measure", "verify"], stages.Distinct().Except(["encode"]));
        Assert.Equal(Pipelines.Default.Select(p => p.Name), seen);
        Assert.Equal((3, 2), (report.ImportedLayers, report.Network.TotalLayerCount));
        Assert.False(report.Verification!.IsIdentical);
        Assert.True(Assert.Single(report.Verification.Fidelity!.Outputs).IsExact);

        var stopped = Strata.Compiler.Compiler.Compile(model, output, new CompileOptions { StopAfterPatch = 0 });
        Assert.Equal(3, stopped.Network.TotalLayerCount);
        Assert.True(stopped.Verification!.IsIdentical);
    }

    [Fact]
    public void DifferentNetworksAreMeasured()
    {
        Assert.Equal(0.25, Measure(2.5f).Outputs[0].RelativeError!.Value, 3);
        Assert.False(Measure(2.5f).Passed);
        Assert.True(Measure(2.00001f).Passed);

        static FidelityReport Measure(float factor)
        {
            var comparison = new NetworkComparison(Scale(factor), Scale(2));
            comparison.Run(RandomInputs.Create(Scale(2), 0, new Dictionary<string, long>()));
            return comparison.Report();
        }
    }

    [Fact]
    public void ANetworkThatDecodesToAnotherIsADefect()
    {
        RoundTrip.CheckDecoded(Scale(2), Scale(2));
        Assert.Contains("does not decode to what was encoded", Assert.Throws<InvalidNetworkException>(() => RoundTrip.CheckDecoded(Scale(2), Scale(3))).Message);
    }

    [Fact]
    public void LayersAreComparedByTheNamesOfTheirValues()
    {
        var comparison = new NetworkComparison(Scale(3), Scale(2), perLayer: true);
        comparison.Run(RandomInputs.Create(Scale(2), 1, new Dictionary<string, long> { ["n"] = 5 }));
        var report = comparison.Report();
        var layer = Assert.Single(report.Layers, l => !l.Metrics.IsExact);
        Assert.Equal("scaled", layer.Metrics.Name);
        Assert.Equal(2, report.Layers.Count);
    }

    [Fact]
    public void RandomInputsDependOnSeedAndDimensionsOnly()
    {
        var dims = new Dictionary<string, long> { ["n"] = 3 };
        var first = (Tensor)RandomInputs.Create(Scale(1), 7, dims)[0]!;
        Assert.True(first.BitEquals((Tensor)RandomInputs.Create(Scale(9), 7, dims)[0]!));
        Assert.False(first.BitEquals((Tensor)RandomInputs.Create(Scale(1), 8, dims)[0]!));
        Assert.Equal([3], first.Dims.ToArray());
        Assert.All(first.ToDoubles(), v => Assert.InRange(v, -1, 1));
    }

    // y = (x + x) · factor
    private static Network Scale(float factor)
    {
        var builder = new NetworkBuilder("scale");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n")]));
        var doubled = builder.Add(new Add(), [x, x], [new OutputSpec("doubled")], "").Outputs[0];
        builder.Output("scaled", builder.Add(new Mul(), [doubled, builder.Constant(Tensor.Scalar(factor))], [new OutputSpec("scaled")], "").Outputs[0]!);
        return builder.Build();
    }

    // y = relu(x) + relu(x), the second one computed again
    private static Network Repeated()
    {
        var builder = new NetworkBuilder("repeated");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n")]));
        builder.Output("y", builder.Add(new Add(), builder.Add(new Relu(), x), builder.Add(new Relu(), x)));
        return builder.Build();
    }

    private sealed class Listener(List<string> stages) : IProgress<CompileProgress>
    {
        public void Report(CompileProgress value) => stages.Add(value.Stage);
    }
}
