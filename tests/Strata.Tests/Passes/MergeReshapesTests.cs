using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeReshapesTests() : RuleTest(new MergeReshapes())
{
    protected override string Firing => """
        input %x : f32[N, 4, 6]
        input %z : f32[2, 12]
        const %s : i64[3] = [-1, 2, 12]
        const %t : i64[2] = [8, -1]
        const %u : i64[3] = [0, 6, 2]
        const %v : i64[2] = [0, 12]
        const %axis : i64[1] = [0]
        %a = reshape(%x, %s)
        %b = reshape(%a, %t)
        %c = reshape(%z, %u)
        %d = unsqueeze(%c, %axis)
        %e = reshape(%c, %v)
        %f = neg(%e)
        output "b" = %b
        output "d" = %d
        output "f" = %f
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Two dimensions of the result are neither numbers nor those of the first operand.
        """
        input %x : f32[N, 4, 6]
        input %s : i64[2]
        const %t : i64[2] = [-1, 24]
        %a = reshape(%x, %t)
        %b = reshape(%a, %s)
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
