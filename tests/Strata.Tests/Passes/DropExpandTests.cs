using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class DropExpandTests() : RuleTest(new DropExpand())
{
    protected override string Firing => """
        input %x : f32[1, 3]
        input %y : f32[2, 4, 3]
        input %z : f32[4, 1]
        const %shape : i64[3] = [2, 4, 3]
        const %less : i64[2] = [4, 3]
        %a = expand(%x, %shape)
        %b = add(%a, %y)
        %c = expand(%z, %less)
        %d = less(%y, %c)
        %e = where(%d, %c, %a)
        output "b" = %b
        output "d" = %d
        output "e" = %e
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Nothing else has the dimension.
        """
        input %x : f32[1, 3]
        input %y : f32[3]
        const %shape : i64[2] = [4, 3]
        const %long : i64[3] = [1, 1, 3]
        %a = expand(%x, %shape)
        %b = add(%a, %y)
        %c = expand(%x, %long)
        %d = add(%y, %c)
        output "b" = %b
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
