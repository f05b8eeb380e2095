using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldPrecedingScaleTests() : RuleTest(new FoldPrecedingScale())
{
    protected override string Firing => """
        input %x : f32[N, 4, 5]
        input %p : f32[4, N]
        input %m : f32[2, N, 3]
        input %g : f32[1, 4, 3]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %w : f32[6, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25]
        const %t : f32[4, 1] = [1, 0.5, 1.75, 1.25]
        const %f : f32[2, 4] = [-0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1]
        const %eight : f32[1] = [8]
        const %q : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %v : f32[4, 3, 2] = [-1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        %scaled = mul(%x, %s)
        %conv = conv(%scaled, %w) {group = 2, pads = [1, 1]}
        %divided = div(%p, %t)
        %affine = gemm(%divided, %f) {transA = true, transB = true}
        %eighth = div(%m, %eight)
        %product = matmul(%eighth, %q)
        %grown = mul(%s, %g)
        %transposed = conv_transpose(%grown, %v) {group = 2}
        output "conv" = %conv
        output "affine" = %affine
        output "product" = %product
        output "transposed" = %transposed
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The constant enlarges the operand.
        """
        input %x : f32[N, 1, 5]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %w : f32[2, 4, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1]
        %a = mul(%x, %s)
        %b = conv(%a, %w)
        output "b" = %b
        """,
        // The scale differs along the window; the weights are computed in the run.
        """
        input %x : f32[N, 2, 5]
        input %w : f32[2, 2, 2]
        const %s : f32[5] = [1.25, 0.75, 2, 1.5, 1]
        const %t : f32[] = 2
        const %v : f32[2, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        %a = mul(%x, %s)
        %b = conv(%a, %v)
        %c = mul(%x, %t)
        %d = conv(%c, %w)
        output "b" = %b
        output "d" = %d
        """,
        // The scaled value has another use.
        """
        input %x : f32[N, 2, 5]
        const %t : f32[] = 2
        const %v : f32[2, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        %a = mul(%x, %t)
        %b = conv(%a, %v)
        output "a" = %a
        output "b" = %b
        """,
    ];

    protected override double Bound => 1e-5;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
