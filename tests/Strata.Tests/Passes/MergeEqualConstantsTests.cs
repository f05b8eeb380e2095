using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeEqualConstantsTests() : RuleTest(new MergeEqualConstants())
{
    protected override string Firing => """
        input %x : f32[2]
        const %a : f32[2] = [1, 2]
        const %b : f32[2] = [1, 2]
        %c = add(%x, %a)
        %y = mul(%c, %b)
        output "y" = %y
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A zero of the other sign, another shape, another type.
        """
        input %x : f32[2]
        const %a : f32[2] = [0, 2]
        const %b : f32[2] = [-0, 2]
        const %c : f32[1, 2] = [0, 2]
        const %d : f64[2] = [0, 2]
        output "a" = %a
        output "b" = %b
        output "c" = %c
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
