using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;
using VerifyXunit;

namespace Strata.Tests.Passes.Quantization;

/// <summary>The pass that stores weights in few bits: where it does, where it does not, and what it writes.</summary>
public class QuantizeWeightsTests() : RuleTest(new QuantizeWeights(new(WeightFormat.Find("int8")!, WeightGroups.Channel)) { MinElements = 24 })
{
    // A constant of random elements.
    private static readonly string Seeded = "@" + new string('0', 64);

    // Half a step of 1/127 of each channel's range, times the terms of a sum that all err the same way.
    protected override double Bound => 0.5 / 127 * 3;

    protected override string Firing => $$"""
        input %x : f32[N, 3, 8, 8]
        input %i : i64[N]
        const %conv : f32[4, 3, 3, 3] = {{Seeded}}
        const %transposed : f32[4, 2, 2, 2] = {{Seeded}}
        const %gemm : f32[6, 4] = {{Seeded}}
        const %rows : f32[8, 6] = {{Seeded}}
        const %flat : i64[2] = [-1, 4]
        %a = conv(%x, %conv)
        %b = conv_transpose(%a, %transposed)
        %c = reshape(%a, %flat)
        %d = gemm(%c, %gemm) {transB = true}
        %e = gather(%rows, %i)
        output "b" = %b
        output "d" = %d
        output "e" = %e
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A short weight, a computed one, one of integers, one of binary64, and a constant that is no weight.
        $$"""
        input %x : f32[5, 4]
        input %w : f32[4, 8]
        input %i : i64[2]
        const %short : f32[4, 5] = {{Seeded}}
        const %ids : i64[8, 6] = {{Seeded}}
        const %double : f64[8, 6] = {{Seeded}}
        const %added : f32[5, 8] = {{Seeded}}
        %a = matmul(%x, %short)
        %b = matmul(%x, %w)
        %c = gather(%ids, %i)
        %d = gather(%double, %i)
        %e = add(%b, %added)
        output "a" = %a
        output "c" = %c
        output "d" = %d
        output "e" = %e
        """,
        // NaN has no code.
        """
        input %x : f32[2, 6]
        const %w : f32[6, 4] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0x7fc00000]
        %a = matmul(%x, %w)
        output "a" = %a
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());

    public static TheoryData<string, string> Schemes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var format in WeightFormat.All)
            {
                foreach (string groups in format.IsScaled ? ["channel", "tensor", "3", "16"] : new[] { "channel" }) data.Add(format.Name, groups);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void EverySchemeComputesWhatItsReportSays(string format, string groups)
    {
        // One layer whose input is the identity: the output is the weight as the network sees it.
        var network = Parse($$"""
            input %x : f32[12, 12]
            const %w : f32[12, 10] = {{Seeded}}
            %y = matmul(%x, %w)
            output "y" = %y
            """);
        WeightReport? report = null;
        var quantized = Run(network, format, groups, w => report = w);
        var identity = Tensor.From<float>([12, 12], [.. Enumerable.Range(0, 144).Select(i => i / 12 == i % 12 ? 1f : 0f)]);
        float[] exact = [.. ((Tensor)new Interpreter(network).Run([identity])[0]!).Span<float>()], stored = [.. ((Tensor)new Interpreter(quantized).Run([identity])[0]!).Span<float>()];
        double signal = exact.Sum(v => (double)v * v), noise = exact.Zip(stored, (a, b) => Math.Pow(a - (double)b, 2)).Sum();
        Assert.Equal(noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise), report!.SnrDb!.Value, 3);
        Assert.True(report.SnrDb > (format is "ternary" or "int2" or "uint2" ? 3 : 10), $"{report.SnrDb} dB");
    }

    [Fact]
    public void KeptWeightsAreReported()
    {
        var network = Parse($$"""
            input %x : f32[N, 6]
            const %a : f32[6, 6] = {{Seeded}}
            const %b : f32[6, 6] = {{Seeded}}
            const %c : f32[6, 6] = {{Seeded}}
            %first = matmul(%x, %a)
            %second = matmul(%first, %b)
            %third = matmul(%second, %c)
            output "third" = %third
            """);
        var seen = new List<WeightReport>();
        var pass = new QuantizeWeights(new(WeightFormat.Find("int4")!, new(4))) { MinElements = 0, Kept = ["a", "second"], Seen = seen.Add };
        pass.Run(network, new PassContext { StopAfterPatch = 1 });
        Assert.Equal([("a", false), ("b", false), ("c", true)], seen.Select(w => (w.Name, w.Scheme is not null)));
        Assert.All(seen.Take(2), w => Assert.Equal("it was asked to be kept", w.KeptBecause));
    }

    [Theory]
    [InlineData("f16", 70000f, "exceeds f16")]
    [InlineData("f13", 70000f, "exceeds f13")]
    [InlineData("int4", float.NegativeInfinity, "NaN or infinity")]
    public void WhatAFormatCannotHoldStays(string format, float value, string because)
    {
        var builder = new NetworkBuilder("wide");
        var weight = new float[64];
        weight[5] = value;
        builder.Output("y", builder.Add(new MatMul(), builder.Input("x", new TensorType(ElementType.Float32, Shape.Of(2, 8))), builder.Constant(Tensor.From<float>([8, 8], weight), "w")));
        var network = builder.Build();
        WeightReport? report = null;
        Assert.Same(network, Run(network, format, "channel", w => report = w));
        Assert.Contains(because, report!.KeptBecause, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFormatSurvivesExport()
    {
        foreach (var format in WeightFormat.All)
        {
            var network = Run(Parse(Firing), format.Name, format.IsScaled ? "5" : "channel", null);
            using var model = OnnxModel.Parse(OnnxExporter.Export(network), $"{format.Name}.onnx");
            AssertSameValues(network, OnnxImporter.Import(model), 1);
        }
    }

    private static Network Run(Network network, string format, string groups, Action<WeightReport>? seen) =>
        new QuantizeWeights(new(WeightFormat.Find(format)!, WeightGroups.Parse(groups)!.Value)) { MinElements = 24, Seen = seen }.Run(network, new PassContext { VerifyEachPatch = true });
}
