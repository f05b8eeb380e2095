using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeHardSigmoidTests() : RecognitionTest(new RecognizeHardSigmoid())
{
    // Keras, PyTorch, relu6 and minima.
    protected override string Firing => """
        input %x : f32[N, 4]
        const %zero : f32[] = 0
        const %one : f32[] = 1
        const %fifth : f32[] = 0.2
        const %half : f32[] = 0.5
        const %three : f32[] = 3
        const %six : f32[] = 6
        const %sixth : f32[] = 0.16666667
        %k1 = mul(%x, %fifth)
        %k2 = add(%k1, %half)
        %keras = clip(%k2, %zero, %one)
        %t1 = add(%x, %three)
        %t2 = clip(%t1, %zero, %six)
        %torch = div(%t2, %six)
        %r1 = add(%three, %x)
        %r2 = relu(%r1)
        %r3 = min(%r2, %six)
        %relu6 = mul(%sixth, %r3)
        %m1 = add(%x, %three)
        %m2 = max(%m1, %zero)
        %m3 = min(%six, %m2)
        %minima = div(%m3, %six)
        output "keras" = %keras
        output "torch" = %torch
        output "relu6" = %relu6
        output "minima" = %minima
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(low: "-1"),
        Of(high: "5"),
        Of(three: "f32[] = 0"),
        Of(three: "f32[4] = [3, 3, 3, 2]"),
        Of(three: "f32[1, 1] = [3]"),
        Of(also: "output \"c\" = %c"),
        // f32 does not hold one sixth as closely as f64 does.
        Of().Replace("f32", "f64", StringComparison.Ordinal),
        // Nothing above.
        """
        input %x : f32[4]
        const %three : f32[] = 3
        const %six : f32[] = 6
        %a = add(%x, %three)
        %c = relu(%a)
        %y = div(%c, %six)
        output "y" = %y
        """,
    ];

    private static string Of(string low = "0", string high = "6", string three = "f32[] = 3", string also = "") => $"""
        input %x : f32[4]
        const %low : f32[] = {low}
        const %high : f32[] = {high}
        const %three : {three}
        const %six : f32[] = 6
        %a = add(%x, %three)
        %c = clip(%a, %low, %high)
        %y = div(%c, %six)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
