using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeTransposesTests() : RuleTest(new MergeTransposes())
{
    protected override string Firing => """
        input %x : f32[N, 3, 4, 5]
        %a = transpose(%x) {perm = [0, 2, 3, 1]}
        %b = transpose(%a) {perm = [0, 3, 1, 2]}
        %c = transpose(%a) {perm = [2, 1, 0, 3]}
        %d = transpose(%c)
        output "same" = %b
        output "d" = %d
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Something stands between them.
        """
        input %x : f32[N, 3]
        %a = transpose(%x)
        %b = relu(%a)
        %c = transpose(%b)
        output "c" = %c
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
