using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldPadTests() : RuleTest(new FoldPad())
{
    protected override string Firing => """
        input %codes : u8[N, 2, 5, 6]
        input %x : f32[N, 2, 5, 6]
        const %w : f32[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000001
        const %b : f32[3] = [0.5, -1, 2]
        const %p : i64[8] = [0, 0, 1, 0, 0, 0, 2, 1]
        const %q : i64[4] = [1, 0, 0, 1]
        const %spatial : i64[2] = [2, -1]
        const %low : f32[] = -inf
        %a = pad(%x, %p)
        %c = conv(%a, %w, %b) {strides = [2, 1], pads = [0, 1, 1, 0]}
        %d = pad(%x, %q, _, %spatial)
        %e = average_pool(%d) {kernel_shape = [2, 2]}
        %f = pad(%x, %q, %low, %spatial)
        %g = max_pool(%f) {kernel_shape = [3, 3], auto_pad = VALID}
        const %qw : i8[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000002
        const %zero : u8[] = 7
        const %scale : f32[] = 0.5
        const %none : i8[] = 0
        const %middle : u8[] = 100
        %h = pad(%codes, %q, %zero, %spatial)
        %i = conv_integer(%h, %qw, %zero)
        %j = pad(%codes, %q, %zero, %spatial)
        %k = qlinear_conv(%j, %scale, %zero, %qw, %scale, %none, %scale, %middle)
        output "c" = %c
        output "e" = %e
        output "g" = %g
        output "i" = %i
        output "k" = %k
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Other values than the layer pads with, and channels.
        """
        input %x : f32[N, 2, 5, 6]
        const %w : f32[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000001
        const %v : f32[3, 3, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000002
        const %p : i64[4] = [1, 1, 1, 1]
        const %q : i64[2] = [1, 0]
        const %spatial : i64[2] = [2, 3]
        const %channel : i64[1] = [1]
        const %one : f32[] = 1
        %a = pad(%x, %p, %one, %spatial)
        %c = conv(%a, %w)
        %d = pad(%x, %p, _, %spatial)
        %e = max_pool(%d) {kernel_shape = [2, 2]}
        %f = pad(%x, %q, _, %channel)
        %g = conv(%f, %v)
        output "c" = %c
        output "e" = %e
        output "g" = %g
        """,
        // Codes other than the zero point.
        """
        input %codes : u8[N, 2, 5, 6]
        const %qw : i8[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000002
        const %p : i64[4] = [1, 1, 1, 1]
        const %spatial : i64[2] = [2, 3]
        const %zero : u8[] = 7
        %a = pad(%codes, %p, _, %spatial)
        %b = conv_integer(%a, %qw, %zero)
        output "b" = %b
        """,
        // Padding that the mean leaves out, extents that are rounded up or automatic, windows of padding.
        """
        input %x : f32[N, 2, 5, 6]
        const %w : f32[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000001
        const %p : i64[4] = [1, 1, 1, 1]
        const %spatial : i64[2] = [2, 3]
        const %low : f32[] = -inf
        %a = pad(%x, %p, _, %spatial)
        %b = average_pool(%a) {kernel_shape = [2, 2], pads = [1, 0, 0, 0]}
        %c = average_pool(%a) {kernel_shape = [2, 2], ceil_mode = true}
        %d = conv(%a, %w) {auto_pad = SAME_UPPER}
        %e = pad(%x, %p, %low, %spatial)
        %f = max_pool(%e) {kernel_shape = [1, 1]}
        output "b" = %b
        output "c" = %c
        output "d" = %d
        output "f" = %f
        """,
    ];

    protected override double Bound => 1e-6;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
