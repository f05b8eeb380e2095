using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveDeadLayersTests() : RuleTest(new RemoveDeadLayers())
{
    protected override string Firing => """
        input %x : f32[N]
        %a = relu(%x)
        %b = neg(%a)
        %unused = exp(%b)
        output "y" = %a
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Every layer is needed, one of them for an output of the network only.
        """
        input %x : f32[N]
        %a = relu(%x)
        %b = neg(%a)
        output "a" = %a
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
