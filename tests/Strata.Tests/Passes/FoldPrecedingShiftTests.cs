using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldPrecedingShiftTests() : RuleTest(new FoldPrecedingShift())
{
    protected override string Firing => """
        input %x : f32[N, 4, 5]
        input %p : f32[4, N]
        input %m : f32[N, 3]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %w : f32[6, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25]
        const %b : f32[6] = [-0.5, 1.25, 0.25, -0.75, 1, 0]
        const %t : f32[4, 1] = [1, 0.5, 1.75, 1.25]
        const %f : f32[2, 4] = [-0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1]
        const %c : f32[2] = [-0.25, -1.25]
        const %one : f32[1] = [1]
        const %q : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        %less = sub(%x, %s)
        %conv = conv(%less, %w, %b) {group = 2, pads = [0, 0]}
        %more = add(%t, %p)
        %affine = gemm(%more, %f, %c) {alpha = 0.5, beta = 3, transA = true, transB = true}
        %next = add(%m, %one)
        %product = matmul(%next, %q)
        output "conv" = %conv
        output "affine" = %affine
        output "product" = %product
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Padding is zero, not shifted.
        """
        input %x : f32[N, 4, 5]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %w : f32[2, 4, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1]
        const %v : f32[2, 4, 2] = [0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1]
        %a = add(%x, %s)
        %b = conv(%a, %w) {pads = [0, 1]}
        %c = add(%x, %s)
        %d = conv(%c, %v) {auto_pad = SAME_UPPER}
        output "b" = %b
        output "d" = %d
        """,
        // Windows overlap at the edges of a transposed convolution; a product of more than matrices has no bias.
        """
        input %x : f32[N, 4, 5]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %w : f32[4, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1]
        const %v : f32[5, 2] = [0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %t : f32[5] = [0.75, 2, 1.5, 1, 0.5]
        %a = add(%x, %s)
        %b = conv_transpose(%a, %w)
        %c = add(%x, %t)
        %d = matmul(%c, %v)
        output "b" = %b
        output "d" = %d
        """,
    ];

    protected override double Bound => 1e-5;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
