using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeRepeatedTests() : RuleTest(new MergeRepeated())
{
    protected override string Firing => """
        input %x : f32[N]
        input %t : bool[N]
        input %i : i32[N]
        %a = neg(%x)
        %b = neg(%a)
        %c = relu(%b)
        %d = relu(%c)
        %e = not(%t)
        %f = not(%e)
        %g = bitwise_not(%i)
        %h = bitwise_not(%g)
        output "d" = %d
        output "f" = %f
        output "h" = %h
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Each does something.
        """
        input %x : f32[N]
        %a = relu(%x)
        %b = neg(%a)
        %c = relu(%b)
        %d = exp(%x)
        %e = exp(%d)
        output "c" = %c
        output "e" = %e
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
