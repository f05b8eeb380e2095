using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeSoftmaxTests() : RecognitionTest(new RecognizeSoftmax())
{
    // Keras' form with the maximum, the plain quotient, and a product with the reciprocal over another axis.
    protected override string Firing => """
        input %x : f32[N, 4, 3]
        input %d : f64[N, 4]
        const %last : i64[1] = [-1]
        const %one : i64[1] = [1]
        const %minus : f64[] = -1
        %a0 = reduce_max(%x, %last)
        %a1 = sub(%x, %a0)
        %a2 = exp(%a1)
        %a3 = reduce_sum(%a2, %last)
        %shifted = div(%a2, %a3)
        %b0 = exp(%x)
        %b1 = reduce_sum(%b0, %one)
        %b2 = reciprocal(%b1)
        %plain = mul(%b2, %b0)
        %c0 = reduce_max(%d, %one)
        %c1 = mul(%c0, %minus)
        %c2 = add(%c1, %d)
        %c3 = exp(%c2)
        %c4 = reduce_sum(%c3, %last)
        %wide = div(%c3, %c4)
        output "shifted" = %shifted
        output "plain" = %plain
        output "wide" = %wide
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(axes: "i64[2] = [0, 1]"),
        Of(keep: " {keepdims = false}", quotient: "%y = div(%e, %s)", shape: "3, 3"),
        Of(quotient: "%t = add(%s, %small)\n%y = div(%e, %t)"),
        Of(quotient: "%y = div(%s, %e)"),
        Of(quotient: "%r = mul(%e, %small)\n%y = div(%r, %s)"),
        Of(also: "output \"e\" = %e"),
        Of(also: "output \"s\" = %s"),
        // The sum of other powers.
        """
        input %x : f32[2, 3]
        input %z : f32[2, 3]
        const %axes : i64[1] = [1]
        %e = exp(%x)
        %f = exp(%z)
        %s = reduce_sum(%f, %axes)
        %y = div(%e, %s)
        output "y" = %y
        """,
    ];

    private static string Of(string axes = "i64[1] = [1]", string keep = "", string quotient = "%y = div(%e, %s)", string shape = "2, 3", string also = "") => $"""
        input %x : f32[{shape}]
        const %axes : {axes}
        const %small : f32[] = 0.001
        %e = exp(%x)
        %s = reduce_sum(%e, %axes){keep}
        {quotient}
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
