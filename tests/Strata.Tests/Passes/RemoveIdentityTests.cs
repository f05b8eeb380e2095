using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveIdentityTests() : RuleTest(new RemoveIdentity())
{
    protected override string Firing => """
        input %x : f32[N]
        %a = identity(%x)
        %b = neg(%a)
        %c = identity(%b)
        %d = identity(%c)
        output "a" = %a
        output "d" = %d
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The result is known better than the operand.
        """
        input %x : f32[*]
        %y : f32[2] = identity(%x)
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
