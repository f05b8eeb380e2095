using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class EliminateCommonSubexpressionsTests() : RuleTest(new EliminateCommonSubexpressions())
{
    protected override string Firing => """
        input %x : f32[N, 4]
        %a = softmax(%x) {axis = 1}
        %b = softmax(%x) {axis = 1}
        %c = neg(%a)
        %d = neg(%b)
        %y = add(%c, %d)
        output "y" = %y
        output "d" = %d
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Attributes differ: the last bit of a number, the sign of a zero.
        """
        input %x : f32[N, 4]
        %a = leaky_relu(%x) {alpha = 0}
        %b = leaky_relu(%x) {alpha = -0}
        output "a" = %a
        output "b" = %b
        """,
        // Operands are exchanged.
        """
        input %x : f32[N]
        input %z : f32[N]
        %a = sub(%x, %z)
        %b = sub(%z, %x)
        output "a" = %a
        output "b" = %b
        """,
        // Numbers are drawn anew.
        """
        %a = random_normal() {shape = [4], seed = 1}
        %b = random_normal() {shape = [4], seed = 1}
        output "a" = %a
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
