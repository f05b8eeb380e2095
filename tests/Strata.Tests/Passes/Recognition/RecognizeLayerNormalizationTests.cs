using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeLayerNormalizationTests() : RecognitionTest(new RecognizeLayerNormalization())
{
    // PyTorch before its operator set 17, tf2onnx from Keras, a reciprocal, a power, two axes and no affine part, channels that come
    // first, and f16.
    protected override string Firing => """
        input %x : f32[N, S, 8]
        input %a : f32[N, S, 8]
        input %image : f32[N, 3, 4, 2]
        input %h : f16[N, 8]
        input %g : f32[8]
        const %last : i64[1] = [-1]
        const %two : f32[] = 2
        const %minus : f32[] = -0.5
        const %one : f32[1] = [1]
        const %epsilon : f32[] = 1e-12
        const %epsilonh : f16[] = 1e-3
        const %planes : i64[2] = [3, 2]
        const %scale : f32[8] = [1, 2, 3, 4, 5, 6, 7, 8]
        const %bias : f32[1, 1, 8] = [1, 2, 3, 4, 5, 6, 7, 8]
        const %channels : i64[1] = [1]
        const %weights : f32[3, 1, 1] = [1, 2, 3]
        const %offsets : f32[1, 3, 1, 1] = [0.5, 0.25, -1]
        const %shifts : f32[4, 1] = [1, 2, 3, 4]

        %sum = add(%x, %a)
        %p1 = reduce_mean(%sum, %last)
        %p2 = sub(%sum, %p1)
        %p3 = pow(%p2, %two)
        %p4 = reduce_mean(%p3, %last)
        %p5 = add(%p4, %epsilon)
        %p6 = sqrt(%p5)
        %p7 = div(%p2, %p6)
        %p8 = mul(%p7, %scale)
        %torch = add(%p8, %bias)

        %k1 = reduce_mean(%x, %last)
        %k2 = sub(%x, %k1)
        %k3 = mul(%k2, %k2)
        %k4 = reduce_mean(%k3, %last)
        %k5 = add(%epsilon, %k4)
        %k6 = sqrt(%k5)
        %k7 = reciprocal(%k6)
        %k8 = mul(%k7, %scale)
        %k9 = mul(%x, %k8)
        %k10 = mul(%k8, %k1)
        %k11 = sub(%bias, %k10)
        %keras = add(%k9, %k11)

        %r1 = reduce_mean(%x, %last)
        %r2 = sub(%x, %r1)
        %r3 = mul(%r2, %r2)
        %r4 = reduce_mean(%r3, %last)
        %r5 = add(%r4, %epsilon)
        %r6 = sqrt(%r5)
        %r7 = div(%one, %r6)
        %r8 = mul(%r2, %r7)
        %reciprocal = mul(%g, %r8)

        %w1 = reduce_mean(%x, %last)
        %w2 = sub(%x, %w1)
        %w3 = pow(%w2, %two)
        %w4 = reduce_mean(%w3, %last)
        %w5 = add(%w4, %epsilon)
        %w6 = pow(%w5, %minus)
        %w7 = mul(%w2, %w6)
        %w8 = mul(%w7, %two)
        %power = add(%w8, %one)

        %i1 = reduce_mean(%image, %planes)
        %i2 = sub(%image, %i1)
        %i3 = pow(%i2, %two)
        %i4 = reduce_mean(%i3, %planes)
        %i5 = add(%i4, %epsilon)
        %i6 = sqrt(%i5)
        %i7 = div(%i2, %i6)
        %two_axes = add(%i7, %shifts)

        %c1 = reduce_mean(%image, %channels)
        %c2 = sub(%image, %c1)
        %c3 = pow(%c2, %two)
        %c4 = reduce_mean(%c3, %channels)
        %c5 = add(%c4, %epsilon)
        %c6 = sqrt(%c5)
        %c7 = div(%c2, %c6)
        %c8 = mul(%weights, %c7)
        %first = add(%c8, %offsets)

        %h1 = reduce_mean(%h, %last)
        %h2 = sub(%h, %h1)
        %h3 = mul(%h2, %h2)
        %h4 = reduce_mean(%h3, %last)
        %h5 = add(%h4, %epsilonh)
        %h6 = sqrt(%h5)
        %narrow = div(%h2, %h6)
        output "torch" = %torch
        output "keras" = %keras
        output "reciprocal" = %reciprocal
        output "power" = %power
        output "two axes" = %two_axes
        output "channels first" = %first
        output "narrow" = %narrow
        """;

    // f16 rounds each of the six steps to 1/2048.
    protected override double Bound => 3e-3;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(axis: "[1]"), // not the last
        Of(axis: "[1]", variance: "[1]", scale: "f32[4]"), // computed, along another axis
        Of(variance: "[1]"), // the variance over another axis
        Of(also: "%o = add(%r, %e)\noutput \"o\" = %o"),
        Of(also: "output \"m\" = %m"),
        Of(epsilon: "f32[4] = [1, 2, 3, 4]"),
        Of(width: "L"), // extent unknown
        Of(width: "1"), // a single element
        Of(power: "3"),
        Of(subtracted: "%n", also: "output \"m\" = %m"), // another mean
        Of(scale: "f32[2, 3, 4] = @0"), // per row
        Of(scale: "f32[2, 1, 3, 4] = @0"), // enlarges x
        Of(root: "exp"),
        Of(outside: true), // epsilon added to the root
    ];

    private static string Of(string axis = "[2]", string variance = "[2]", string epsilon = "f32[] = 1e-5", string width = "4", string power = "2",
        string subtracted = "%m", string scale = "", string root = "sqrt", bool outside = false, string also = "") => $"""
        input %x : f32[2, 3, {width}]
        input %n : f32[2, 3, 1]
        const %axis : i64[1] = {axis}
        const %axes : i64[1] = {variance}
        const %power : f32[] = {power}
        const %e : {epsilon}
        {(scale.Length > 0 ? $"input %scale : {scale.Replace(" = @0", "", StringComparison.Ordinal)}" : "")}
        %m = reduce_mean(%x, %axis)
        %d = sub(%x, {subtracted})
        %p = pow(%d, %power)
        %v = reduce_mean(%p, %axes)
        {(outside ? "%q = sqrt(%v)\n%r = add(%q, %e)" : $"%s = add(%v, %e)\n%r = {root}(%s)")}
        %y = div(%d, %r)
        {(scale.Length > 0 ? "%z = mul(%y, %scale)\noutput \"z\" = %z\noutput \"y\" = %y\noutput \"r\" = %r" : "output \"y\" = %y")}
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
