using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class LowerPowerTests() : RuleTest(new LowerPower())
{
    protected override string Firing => """
        input %x : f32[N, 3]
        const %two : f32[] = 2
        const %twos : i64[1] = [2]
        const %half : f32[] = 0.5
        const %inverse : f32[1, 3] = [-1, -1, -1]
        %a = pow(%x, %two)
        %b = pow(%x, %twos)
        %c = pow(%a, %half)
        %d = pow(%x, %inverse)
        output "b" = %b
        output "c" = %c
        output "d" = %d
        """;

    protected override double Bound => 1e-6;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Other exponents, and several.
        """
        input %x : f32[N, 2]
        const %three : f32[] = 3
        const %mixed : f32[2] = [2, 0.5]
        %a = pow(%x, %three)
        %b = pow(%x, %mixed)
        output "a" = %a
        output "b" = %b
        """,
        // Integers wrap, and have no roots.
        """
        input %x : i32[N]
        const %two : i32[] = 2
        %a = pow(%x, %two)
        output "a" = %a
        """,
        // The exponent enlarges x, or is computed.
        """
        input %x : f32[1]
        input %e : f32[]
        const %two : f32[2] = [2, 2]
        %a = pow(%x, %two)
        %b = pow(%x, %e)
        output "a" = %a
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
