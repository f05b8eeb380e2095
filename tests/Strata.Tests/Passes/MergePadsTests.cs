using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergePadsTests() : RuleTest(new MergePads())
{
    protected override string Firing => """
        input %x : f32[N, 3]
        const %p : i64[4] = [0, 1, 2, 3]
        const %q : i64[2] = [4, 5]
        const %axes : i64[1] = [-1]
        const %c : f32[] = 2.5
        %a = pad(%x, %p, %c)
        %b = pad(%a, %q, %c, %axes)
        output "b" = %b
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Other values, and pads that remove.
        """
        input %x : f32[N, 3]
        const %p : i64[4] = [0, 1, 2, 3]
        const %q : i64[4] = [0, -1, 0, 0]
        const %c : f32[] = 2.5
        %a = pad(%x, %p, %c)
        %b = pad(%a, %p)
        %d = pad(%a, %q, %c)
        output "b" = %b
        output "d" = %d
        """,
        // Other modes.
        """
        input %x : f32[N, 3]
        const %p : i64[4] = [0, 1, 0, 1]
        %a = pad(%x, %p) {mode = edge}
        %b = pad(%a, %p) {mode = edge}
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
