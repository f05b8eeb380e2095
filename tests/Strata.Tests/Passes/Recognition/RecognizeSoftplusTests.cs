using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeSoftplusTests() : RecognitionTest(new RecognizeSoftplus())
{
    protected override string Firing => """
        input %x : f32[N, 4]
        const %one : f32[] = 1
        const %beta : f32[] = 2
        %e = exp(%x)
        %s = add(%e, %one)
        %y = log(%s)
        %x2 = mul(%x, %beta)
        %e2 = exp(%x2)
        %s2 = add(%one, %e2)
        %l2 = log(%s2)
        %z = div(%l2, %beta)
        output "y" = %y
        output "z" = %z
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(one: "f32[] = 2"),
        Of(one: "f32[1, 1, 1] = [1]"),
        Of(also: "output \"e\" = %e"),
        Of(outer: "exp"),
    ];

    private static string Of(string one = "f32[] = 1", string outer = "log", string also = "") => $"""
        input %x : f32[2, 4]
        const %one : {one}
        %e = exp(%x)
        %s = add(%e, %one)
        %y = {outer}(%s)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
