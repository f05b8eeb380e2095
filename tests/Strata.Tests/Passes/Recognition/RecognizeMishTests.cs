using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeMishTests() : RecognitionTest(new RecognizeMish(), new RecognizeSoftplus())
{
    protected override string Firing => """
        input %x : f32[N, 4]
        const %one : f32[] = 1
        %a1 = softplus(%x)
        %a2 = tanh(%a1)
        %y = mul(%x, %a2)
        %b0 = add(%x, %one)
        %b1 = exp(%b0)
        %b2 = add(%one, %b1)
        %b3 = log(%b2)
        %b4 = tanh(%b3)
        %z = mul(%b4, %b0)
        output "y" = %y
        output "z" = %z
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(factor: "%a"),
        Of(inner: "sigmoid"),
        Of(outer: "sigmoid"),
        Of(also: "output \"t\" = %t"),
        Of(also: "output \"s\" = %s"),
    ];

    private static string Of(string factor = "%x", string inner = "softplus", string outer = "tanh", string also = "") => $"""
        input %x : f32[4]
        input %a : f32[4]
        %s = {inner}(%x)
        %t = {outer}(%s)
        %y = mul({factor}, %t)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
