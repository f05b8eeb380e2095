using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class ChooseBranchTests() : RuleTest(new ChooseBranch())
{
    protected override string Firing => """
        input %x : f32[N, 2]
        input %y : f32[N, 2]
        const %true : bool[1, 2] = [true, true]
        const %false : bool[] = false
        %a = where(%true, %x, %y)
        %b = where(%false, %x, %y)
        output "a" = %a
        output "b" = %b
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A condition of both kinds, and one that enlarges the result.
        """
        input %x : f32[N, 2]
        input %y : f32[N, 2]
        const %some : bool[2] = [true, false]
        const %true : bool[1, 1, 1] = [true]
        %a = where(%some, %x, %y)
        %b = where(%true, %x, %y)
        output "a" = %a
        output "b" = %b
        """,
        // What is chosen is broadcast to the shape of the other.
        """
        input %x : f32[2]
        input %y : f32[N, 2]
        const %true : bool[] = true
        %a = where(%true, %x, %y)
        output "a" = %a
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
