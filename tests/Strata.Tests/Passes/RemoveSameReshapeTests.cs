using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveSameReshapeTests() : RuleTest(new RemoveSameReshape())
{
    protected override string Firing => """
        input %x : f32[N, 4, 1]
        const %s : i64[3] = [0, 4, 1]
        const %none : i64[0] = []
        %a = reshape(%x, %s)
        %b = squeeze(%a, %none)
        %y = neg(%b)
        output "y" = %y
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The same number of elements under other dimensions.
        """
        input %x : f32[N, 4, 1]
        const %s : i64[3] = [0, 1, 4]
        %y = reshape(%x, %s)
        output "y" = %y
        """,
        // The target is known in the run only.
        """
        input %x : f32[N, 4]
        input %s : i64[2]
        %y = reshape(%x, %s)
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
