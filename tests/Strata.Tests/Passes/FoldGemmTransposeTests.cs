using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldGemmTransposeTests() : RuleTest(new FoldGemmTranspose())
{
    protected override string Firing => """
        input %x : f32[4, N]
        input %y : f32[4, 5]
        input %b : f32[5]
        %a = transpose(%x)
        %c = transpose(%y) {perm = [1, 0]}
        %d = gemm(%a, %c, %b) {transB = true}
        output "d" = %d
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A permutation that leaves the matrix as it is.
        """
        input %x : f32[N, 4]
        input %y : f32[4, 5]
        %a = transpose(%x) {perm = [0, 1]}
        %d = gemm(%a, %y)
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
