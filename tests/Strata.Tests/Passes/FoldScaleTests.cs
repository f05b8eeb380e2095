using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldScaleTests() : RuleTest(new FoldScale())
{
    protected override string Firing => """
        input %x : f32[N, 2, 5, 5]
        input %g : f32[N, 4, 3]
        input %m : f32[2, N, 3]
        input %p : f64[N, 3]
        const %w : f32[4, 2, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25]
        const %b : f32[4] = [0.25, -0.75, 1, 0]
        const %s : f32[4, 1, 1] = [1.25, 0.75, 2, 1.5]
        const %v : f32[4, 3, 2] = [-1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        const %t : f32[1, 6, 1] = [1, 0.5, 1.75, 1.25, 0.75, 2]
        const %r : f32[] = 0.125
        const %q : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %f : f64[4, 3] = [-0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25]
        const %c : f64[1, 4] = [0.5, -0.5, 1.25, 0.25]
        const %d : f64[4] = [0.75, 2, 1.5, 1]
        %conv = conv(%x, %w, %b) {pads = [1, 1, 0, 0]}
        %scaled = mul(%s, %conv)
        %transposed = conv_transpose(%g, %v) {group = 2}
        %divided = div(%transposed, %t)
        %product = matmul(%m, %q)
        %eighth = mul(%product, %r)
        %affine = gemm(%p, %f, %c) {alpha = 0.5, beta = 2, transB = true}
        %result = mul(%affine, %d)
        output "conv" = %scaled
        output "transposed" = %divided
        output "product" = %eighth
        output "affine" = %result
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The unscaled value has another use.
        """
        input %x : f32[N, 3]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        %a = matmul(%x, %w)
        %b = mul(%a, %s)
        output "a" = %a
        output "b" = %b
        """,
        // The weights have another use.
        """
        input %x : f32[N, 3]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        %a = matmul(%x, %w)
        %b = mul(%a, %s)
        %c = matmul(%x, %w)
        output "b" = %b
        output "c" = %c
        """,
        // The scale varies along another dimension than the channels, or enlarges the result.
        """
        input %x : f32[3, 1, 4]
        const %w : f32[3, 1, 1] = [-0.5, 1.25, 0.25]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        const %t : f32[2, 1, 1, 1] = [0.75, 2]
        %a = conv(%x, %w)
        %b = mul(%a, %s)
        %c = conv(%x, %w)
        %d = mul(%c, %t)
        output "b" = %b
        output "d" = %d
        """,
        // The result divides, and the bias is computed in the run.
        """
        input %x : f32[N, 3]
        input %bias : f32[4]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %v : f32[3, 4] = [0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        %a = matmul(%x, %w)
        %b = div(%s, %a)
        %c = gemm(%x, %v, %bias)
        %d = mul(%c, %s)
        output "b" = %b
        output "d" = %d
        """,
    ];

    protected override double Bound => 1e-5;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
