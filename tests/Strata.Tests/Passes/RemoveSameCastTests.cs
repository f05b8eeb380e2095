using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveSameCastTests() : RuleTest(new RemoveSameCast())
{
    protected override string Firing => """
        input %x : f32[N]
        %a = cast(%x) {to = f32}
        %y = neg(%a)
        output "y" = %y
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Another type.
        """
        input %x : f32[N]
        %y = cast(%x) {to = f16}
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
