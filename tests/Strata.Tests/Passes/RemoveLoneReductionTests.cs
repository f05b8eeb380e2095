using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveLoneReductionTests() : RuleTest(new RemoveLoneReduction())
{
    protected override string Firing => """
        input %x : f32[N, 1, 3]
        const %axes : i64[1] = [1]
        const %none : i64[0] = []
        %a = reduce_mean(%x, %axes) {keepdims = false}
        %b = reduce_max(%x, %axes)
        %c = reduce_sum(%x, %none) {noop_with_empty_axes = true}
        %d = sum(%x)
        %e = mean(%d)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        output "e" = %e
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Extents that are not known to be 1, and functions of one element.
        """
        input %x : f32[N, 1, 3]
        const %first : i64[1] = [0]
        const %axes : i64[1] = [1]
        %a = reduce_mean(%x, %first)
        %b = reduce_l1(%x, %axes)
        %c = sum(%x, %x)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """,
    ];

    protected override double Bound => 1e-6;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
