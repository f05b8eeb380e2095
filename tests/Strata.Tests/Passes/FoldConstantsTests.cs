using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldConstantsTests() : RuleTest(new FoldConstants())
{
    protected override string Firing => """
        input %x : f32[2, 3]
        const %a : f32[3, 2] = [1, 2, 3, 4, 5, 6]
        const %zero : i64[] = 0
        %t = transpose(%a)
        %n = neg(%t)
        %y = mul(%x, %n)
        %s = shape(%a)
        %rows = gather(%s, %zero)
        output "y" = %y
        output "n" = %n
        output "rows" = %rows
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // One operand is computed in the run.
        """
        input %x : f32[2]
        const %a : f32[2] = [1, 2]
        %y = add(%x, %a)
        output "y" = %y
        """,
        // Numbers are drawn.
        """
        const %a : f32[2] = [1, 2]
        %y = random_normal_like(%a)
        output "y" = %y
        """,
        // The result would be longer than its operands by more than allowed.
        """
        const %a : i64[2] = [1024, 1024]
        %y = constant_of_shape(%a)
        output "y" = %y
        """,
        // The evaluation fails, as the run would.
        """
        const %a : str[1] = ["no number"]
        %y = cast(%a) {to = f32}
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
