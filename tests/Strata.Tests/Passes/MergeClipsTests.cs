using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeClipsTests() : RuleTest(new MergeClips())
{
    protected override string Firing => """
        input %x : f32[N]
        const %low : f32[] = -1
        const %half : f32[] = 0.5
        const %six : f32[] = 6
        const %two : f32[1] = [2]
        %a = clip(%x, %low, %half)
        %b = relu(%a)
        %c = relu(%x)
        %d = clip(%c, _, %six)
        %e = clip(%d, %half, %two)
        %f = clip(%x, %six)
        %g = clip(%f, %low, %half)
        output "b" = %b
        output "e" = %e
        output "g" = %g
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Bounds that cross, are NaN, or are computed.
        """
        input %x : f32[N]
        input %y : f32[]
        const %one : f32[] = 1
        const %two : f32[] = 2
        const %nan : f32[] = 0x7fc00000
        %a = clip(%x, %two, %one)
        %b = relu(%a)
        %c = clip(%x, %nan)
        %d = relu(%c)
        %e = clip(%x, %y)
        %f = relu(%e)
        output "b" = %b
        output "d" = %d
        output "f" = %f
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
