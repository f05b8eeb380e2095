using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class ClipExtremesTests() : RuleTest(new ClipExtremes())
{
    protected override string Firing => """
        input %x : f32[N, 3]
        const %zero : f32[] = 0
        const %low : f32[1] = [-0.25]
        const %high : f32[1, 3] = [0.5, 0.5, 0.5]
        %a = max(%x, %zero)
        %b = max(%low, %x)
        %c = min(%x, %high)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """;

    protected override double Bound => 1e-12;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Different bounds, NaN, and bounds that are computed.
        """
        input %x : f32[N, 3]
        input %y : f32[]
        const %mixed : f32[3] = [0, 1, 2]
        const %nan : f32[] = 0x7fc00000
        %a = max(%x, %mixed)
        %b = max(%x, %nan)
        %c = min(%x, %y)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """,
        // A bound that enlarges x, three operands, integers.
        """
        input %x : f32[1]
        input %i : i32[N]
        const %zeros : f32[2] = [0, 0]
        const %zero : f32[] = 0
        const %none : i32[] = 0
        %a = max(%x, %zeros)
        %b = max(%x, %zero, %zero)
        %c = max(%i, %none)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
