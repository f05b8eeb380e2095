using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeSigmoidTests() : RecognitionTest(new RecognizeSigmoid())
{
    protected override string Firing => """
        input %x : f32[N, 4]
        const %one : f32[] = 1
        const %minus : f32[] = -1
        %a1 = neg(%x)
        %a2 = exp(%a1)
        %a3 = add(%one, %a2)
        %quotient = div(%one, %a3)
        %b1 = mul(%x, %minus)
        %b2 = exp(%b1)
        %b3 = add(%b2, %one)
        %reciprocal = reciprocal(%b3)
        output "quotient" = %quotient
        output "reciprocal" = %reciprocal
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(sign: "identity"),
        Of(one: "2"),
        Of(also: "output \"e\" = %e"),
        Of(numerator: "%two"),
    ];

    private static string Of(string sign = "neg", string one = "1", string numerator = "%one", string also = "") => $"""
        input %x : f32[4]
        const %one : f32[] = {one}
        const %two : f32[] = 2
        %n = {sign}(%x)
        %e = exp(%n)
        %s = add(%one, %e)
        %y = div({numerator}, %s)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
