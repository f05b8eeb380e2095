using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeInstanceNormalizationTests() : RecognitionTest(new RecognizeInstanceNormalization())
{
    protected override string Firing => """
        input %x : f32[N, 3, H, W]
        input %s : f32[N, 2, 6]
        const %spatial : i64[2] = [2, 3]
        const %last : i64[1] = [-1]
        const %two : f32[] = 2
        const %epsilon : f32[] = 1e-5
        const %scale : f32[3, 1, 1] = [1, 2, 3]
        const %bias : f32[1, 3, 1, 1] = [1, 2, 3]
        const %scale1 : f32[2, 1] = [1, 2]
        %m = reduce_mean(%x, %spatial)
        %d = sub(%x, %m)
        %p = pow(%d, %two)
        %v = reduce_mean(%p, %spatial)
        %e = add(%v, %epsilon)
        %r = sqrt(%e)
        %n = div(%d, %r)
        %n2 = mul(%n, %scale)
        %affine = add(%n2, %bias)
        %m1 = reduce_mean(%x, %spatial)
        %d1 = sub(%x, %m1)
        %p1 = pow(%d1, %two)
        %v1 = reduce_mean(%p1, %spatial)
        %e1 = add(%v1, %epsilon)
        %r1 = sqrt(%e1)
        %plain = div(%d1, %r1)
        %m3 = reduce_mean(%s, %last)
        %d3 = sub(%s, %m3)
        %p3 = mul(%d3, %d3)
        %v3 = reduce_mean(%p3, %last)
        %e3 = add(%v3, %epsilon)
        %r3 = sqrt(%e3)
        %n3 = div(%d3, %r3)
        %signal = mul(%n3, %scale1)
        output "affine" = %affine
        output "plain" = %plain
        output "signal" = %signal
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(axes: "[1, 2]"),
        Of(axes: "[1, 3]"),
        Of(channels: "C"),
        Of(root: "exp"),
        Of(also: "output \"d\" = %d"),
        // One group of rank 3: a layer normalisation.
        """
        input %x : f32[2, 3, 4]
        const %last : i64[1] = [2]
        const %e : f32[] = 1e-5
        %m = reduce_mean(%x, %last)
        %d = sub(%x, %m)
        %p = mul(%d, %d)
        %v = reduce_mean(%p, %last)
        %s = add(%v, %e)
        %r = sqrt(%s)
        %y = div(%d, %r)
        output "y" = %y
        """,
    ];

    private static string Of(string axes = "[2, 3]", string channels = "3", string root = "sqrt", string also = "") => $"""
        input %x : f32[2, {channels}, 4, 5]
        const %axes : i64[2] = {axes}
        const %e : f32[] = 1e-5
        %m = reduce_mean(%x, %axes)
        %d = sub(%x, %m)
        %p = mul(%d, %d)
        %v = reduce_mean(%p, %axes)
        %s = add(%v, %e)
        %r = {root}(%s)
        %y = div(%d, %r)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
