using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldShiftTests() : RuleTest(new FoldShift())
{
    protected override string Firing => """
        input %x : f32[N, 2, 5]
        input %p : f32[N, 3]
        input %h : f16[2, 2, 3]
        const %w : f32[4, 1, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        const %b : f32[4] = [0.25, -0.75, 1, 0]
        const %s : f32[4, 1] = [1.25, 0.75, 2, 1.5]
        const %q : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %r : f32[1, 4] = [-0.25, -1.25, 0.5, -0.5]
        const %f : f32[3, 4] = [-0.25, -1.25, 0.5, -0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25]
        const %c : f32[4] = [0.5, -0.5, 1.25, 0.25]
        const %one : f32[] = 1.5
        const %v : f16[2, 2, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75]
        const %t : f16[1, 2, 1] = [-0.5, 1.25]
        %conv = conv(%x, %w, %b) {group = 2}
        %less = sub(%conv, %s)
        %product = matmul(%p, %q)
        %sum = add(%r, %product)
        %affine = gemm(%p, %f, %c) {alpha = 0.5, beta = 2}
        %more = add(%affine, %one)
        %half = conv_transpose(%h, %v)
        %biased = add(%half, %t)
        output "conv" = %less
        output "product" = %sum
        output "affine" = %more
        output "half" = %biased
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A product of more than matrices can have no bias.
        """
        input %x : f32[2, N, 3]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        %a = matmul(%x, %w)
        %b = add(%a, %s)
        output "b" = %b
        """,
        // The result is subtracted; the other shift differs by row.
        """
        input %x : f32[2, 3]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %v : f32[3, 4] = [0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5, 1.25, 0.25]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        const %t : f32[2, 1] = [0.75, 2]
        %a = matmul(%x, %w)
        %b = sub(%s, %a)
        %c = matmul(%x, %v)
        %d = add(%c, %t)
        output "b" = %b
        output "d" = %d
        """,
        // The value between is an output.
        """
        input %x : f32[N, 3]
        const %w : f32[3, 4] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25, 0.5, -0.5]
        const %s : f32[4] = [0.75, 2, 1.5, 1]
        %a = matmul(%x, %w)
        %b = add(%a, %s)
        output "a" = %a
        output "b" = %b
        """,
    ];

    protected override double Bound => 2e-3;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
