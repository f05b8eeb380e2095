using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class TakePiecesTests() : RuleTest(new TakePieces())
{
    protected override string Firing => """
        input %x : f32[2, N]
        input %y : f32[3, N]
        input %z : f32[1, N]
        const %two : i64[1] = [2]
        const %five : i64[1] = [5]
        const %sizes : i64[3] = [2, 1, 3]
        %a = concat(%x, %y, %z)
        %b = slice(%a, %two, %five)
        %c, %d, %e = split(%a, %sizes)
        output "b" = %b
        output "c" = %c
        output "d" = %d
        output "e" = %e
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Other bounds, and another axis.
        """
        input %x : f32[2, 2]
        input %y : f32[2, 2]
        const %zero : i64[1] = [0]
        const %three : i64[1] = [3]
        const %two : i64[1] = [2]
        const %axis : i64[1] = [1]
        const %sizes : i64[2] = [1, 3]
        %a = concat(%x, %y)
        %b = slice(%a, %zero, %three)
        %c, %d = split(%a, %sizes)
        %e = concat(%x, %y)
        %f = slice(%e, %zero, %two, %axis)
        output "b" = %b
        output "c" = %c
        output "d" = %d
        output "f" = %f
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
