using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class NarrowNormalizationTests() : RecognitionTest(new NarrowNormalization())
{
    // Llama's RMS normalisation in f16, scaled in f16, and a layer normalisation whose weights f16 holds.
    protected override string Firing => """
        input %x : f16[N, S, 4]
        const %ones : f32[4] = [1, 1, 1, 1]
        const %weights : f16[1, 4] = [0.5, 2, -1, 3]
        const %scale : f32[4] = [0.5, 0.25, 3, -1]
        const %bias : f32[4] = [1, 0, -0.5, 2]
        %a0 = cast(%x) {to = f32}
        %a1 = rms_norm(%a0, %ones)
        %a2 = cast(%a1) {to = f16}
        %llama = mul(%weights, %a2)
        %b0 = layer_norm(%a0, %scale, %bias)
        %layer = cast(%b0) {to = f16}
        output "llama" = %llama
        output "layer" = %layer
        """;

    // The layers round twice to 1/2048.
    protected override double Bound => 3e-3;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Weights that f16 does not hold, or that are computed.
        Of("%n = layer_norm(%w, %third)"),
        Of("%n = layer_norm(%w, %given)"),
        // Another use of what is computed in f32, another type, and f32 from the beginning.
        Of("%n = layer_norm(%w, %half)\noutput \"n\" = %n"),
        Of("%n = layer_norm(%w, %half)", to: "bf16"),
        Of("%n = layer_norm(%wide, %half)"),
        // A scale that is not 1, or that varies along another axis.
        Of("%m = layer_norm(%w, %half)\n%n = mul(%m, %half)"),
        Of("%m = layer_norm(%w, %ones)\n%n = mul(%m, %rows)"),
    ];

    private static string Of(string layers, string to = "f16") => $$"""
        input %x : f16[2, 3, 4]
        input %wide : f32[2, 3, 4]
        input %given : f32[4]
        const %half : f32[4] = [0.5, 0.5, 0.5, 0.5]
        const %third : f32[4] = [0.33333334, 1, 1, 1]
        const %ones : f32[4] = [1, 1, 1, 1]
        const %rows : f32[3, 1] = [1, 2, 3]
        %w = cast(%x) {to = f32}
        {{layers}}
        %y = cast(%n) {to = {{to}}}
        output "y" = %y
        output "w" = %w
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
