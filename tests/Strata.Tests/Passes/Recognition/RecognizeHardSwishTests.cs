using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeHardSwishTests() : RecognitionTest(new RecognizeHardSwish(), new RecognizeHardSigmoid())
{
    // The division before and after the product, relu6, PyTorch's operator, and a clamp to 1.
    protected override string Firing => """
        input %x : f32[N, 4]
        input %a : f32[N, 4]
        const %zero : f32[] = 0
        const %one : f32[] = 1
        const %half : f32[] = 0.5
        const %three : f32[] = 3
        const %six : f32[] = 6
        const %sixth : f32[] = 0.16666667
        %sum = add(%x, %a)
        %b1 = add(%sum, %three)
        %b2 = clip(%b1, %zero, %six)
        %b3 = div(%b2, %six)
        %before = mul(%sum, %b3)
        %c1 = add(%x, %three)
        %c2 = clip(%c1, %zero, %six)
        %c3 = mul(%c2, %x)
        %after = div(%c3, %six)
        %r1 = add(%three, %x)
        %r2 = relu(%r1)
        %r3 = min(%six, %r2)
        %r4 = mul(%r3, %sixth)
        %relu6 = mul(%r4, %x)
        %h1 = hard_sigmoid(%x) {alpha = 0.16666667}
        %torch = mul(%x, %h1)
        %s1 = mul(%x, %sixth)
        %s2 = add(%s1, %half)
        %s3 = clip(%s2, %zero, %one)
        %scaled = mul(%s3, %x)
        output "before" = %before
        output "after" = %after
        output "relu6" = %relu6
        output "torch" = %torch
        output "scaled" = %scaled
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(three: "2"),
        Of(high: "7"),
        Of(six: "5"),
        Of(factor: "%a"),
        Of(also: "output \"c\" = %c"),
        // Another slope.
        """
        input %x : f32[4]
        %h = hard_sigmoid(%x)
        %y = mul(%x, %h)
        output "y" = %y
        """,
    ];

    private static string Of(string three = "3", string high = "6", string six = "6", string factor = "%x", string also = "") => $"""
        input %x : f32[4]
        input %a : f32[4]
        const %zero : f32[] = 0
        const %high : f32[] = {high}
        const %three : f32[] = {three}
        const %six : f32[] = {six}
        %s = add(%x, %three)
        %c = clip(%s, %zero, %high)
        %m = mul({factor}, %c)
        %y = div(%m, %six)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
