using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldShapesTests() : RuleTest(new FoldShapes())
{
    protected override string Firing => """
        input %x : f32[N, S, 12]
        input %row : f32[1, S, 1]
        const %axis : i64[1] = [0]
        const %zero : i64[] = 0
        const %one : i64[] = 1
        const %heads : i64[1] = [3]
        const %size : i64[1] = [4]
        %shape = shape(%x)
        %batch = gather(%shape, %zero)
        %n = unsqueeze(%batch, %axis)
        %length = gather(%shape, %one)
        %s = unsqueeze(%length, %axis)
        %target = concat(%n, %s, %heads, %size) {axis = 0}
        %split = reshape(%x, %target)
        %known = shape(%split) {start = 2}
        %wide = expand(%row, %shape)
        %few = concat(%heads, %s, %size) {axis = 0}
        %more = expand(%row, %few)
        %starts = unsqueeze(%one, %axis)
        %rest = slice(%x, %starts, %s, %starts)
        output "split" = %split
        output "known" = %known
        output "wide" = %wide
        output "more" = %more
        output "rest" = %rest
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Two dimensions of the target are known neither as numbers nor as those of the operand.
        """
        input %x : f32[K, 12]
        input %like : f32[N, S]
        const %size : i64[1] = [12]
        %shape = shape(%like)
        %target = concat(%shape, %size) {axis = 0}
        %y = reshape(%x, %target)
        output "y" = %y
        """,
        // Elements of an input, and a dimension that varies.
        """
        input %x : f32[N, 3]
        input %i : i64[2]
        %shape = shape(%x)
        %sum = add(%i, %shape)
        output "shape" = %shape
        output "sum" = %sum
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
