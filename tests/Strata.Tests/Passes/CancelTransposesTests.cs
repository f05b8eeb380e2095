using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class CancelTransposesTests() : RuleTest(new CancelTransposes())
{
    protected override string Firing => """
        input %image : f32[N, 2, 3, 4]
        input %x : f32[N, 3, 4, 5]
        input %y : f32[N, 2, 4, 5]
        input %w : f32[N, 4, 5, 3]
        const %bias : f32[3] = [0.5, -1, 2]
        const %rows : f32[4, 1, 1] = [1, 2, 3, 4]
        const %two : f32[] = 2
        const %six : f32[] = 6
        const %pads : i64[8] = [0, 1, 0, 2, 0, 0, 3, 0]
        const %axes : i64[2] = [1, -2]
        const %from : i64[2] = [0, 1]
        const %to : i64[2] = [9223372036854775807, 3]
        const %sizes : i64[2] = [3, 4]
        %a = transpose(%x) {perm = [0, 2, 3, 1]}
        %b = add(%a, %bias)
        %c = relu(%b)
        %d = mul(%c, %rows)
        %e = clip(%d, _, %six)
        %f = transpose(%e) {perm = [0, 3, 1, 2]}
        %g = transpose(%y) {perm = [0, 2, 3, 1]}
        %h = concat(%e, %g) {axis = -1}
        %i = pad(%h, %pads, %two)
        %j = slice(%i, %from, %to)
        %k = transpose(%j) {perm = [0, 3, 1, 2]}
        %l, %m = split(%i, %sizes) {axis = 3}
        %n = reduce_mean(%m, %axes)
        %o = transpose(%n) {perm = [0, 3, 1, 2]}
        %p = softmax(%l) {axis = 3}
        %q = transpose(%p) {perm = [0, 3, 1, 2]}
        %r = mul(%w, %e)
        %s = transpose(%r) {perm = [0, 3, 1, 2]}
        %t = reduce_max(%c, %axes) {keepdims = false}
        const %scale : f32[] = 0.125
        const %middle : u8[] = 128
        const %factors : f32[4] = [1, 2, 2, 1]
        const %extents : i64[2] = [5, 9]
        %ia = transpose(%image) {perm = [0, 2, 3, 1]}
        %ib = quantize_linear(%ia, %scale, %middle)
        %ic = dequantize_linear(%ib, %scale, %middle)
        %id = resize(%ic, _, %factors) {mode = linear}
        %ie = resize(%id, _, _, %extents) {axes = [1, 2]}
        %if = transpose(%ie) {perm = [0, 3, 1, 2]}
        output "f" = %f
        output "t" = %t
        output "shown" = %c
        output "k" = %k
        output "o" = %o
        output "q" = %q
        output "s" = %s
        output "if" = %if
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // As many transposes would be left.
        """
        input %x : f32[N, 3, 4]
        input %y : f32[N, 4, 3]
        %a = transpose(%x) {perm = [0, 2, 1]}
        %b = relu(%a)
        %d = add(%b, %y)
        output "b" = %b
        output "d" = %d
        """,
        // Codes that others see, axes resized in another order.
        """
        input %x : f32[N, 3, 4, 5]
        const %scale : f32[] = 0.125
        const %middle : u8[] = 128
        const %factors : f32[4] = [1, 2, 2, 2]
        %a = transpose(%x) {perm = [0, 2, 3, 1]}
        %b = quantize_linear(%a, %scale, %middle)
        %c = dequantize_linear(%b, %scale, %middle)
        %d = transpose(%c) {perm = [0, 3, 1, 2]}
        %e = resize(%a, _, %factors) {mode = linear}
        %f = transpose(%e) {perm = [0, 3, 1, 2]}
        output "b" = %b
        output "d" = %d
        output "f" = %f
        """,
        // What lies between knows the order of its dimensions, or is something else than the inverse.
        """
        input %x : f32[2, 3, 4]
        input %v : f32[4]
        const %shape : i64[3] = [2, 4, 3]
        %a = transpose(%x) {perm = [0, 2, 1]}
        %b = reshape(%a, %shape)
        %c = relu(%b)
        %d = transpose(%c) {perm = [0, 2, 1]}
        %e = relu(%a)
        %f = transpose(%e) {perm = [2, 0, 1]}
        output "d" = %d
        output "f" = %f
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
