using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeRmsNormalizationTests() : RecognitionTest(new RecognizeRmsNormalization())
{
    // LLaMA as PyTorch exports it, T5, and no scale.
    protected override string Firing => """
        input %x : f32[N, S, 8]
        input %a : f32[N, S, 8]
        const %last : i64[1] = [-1]
        const %two : f32[] = 2
        const %one : f32[] = 1
        const %epsilon : f32[] = 1e-6
        const %scale : f32[8] = [1, 2, 3, 4, 5, 6, 7, 8]
        %sum = add(%x, %a)
        %l1 = pow(%sum, %two)
        %l2 = reduce_mean(%l1, %last)
        %l3 = add(%l2, %epsilon)
        %l4 = sqrt(%l3)
        %l5 = div(%one, %l4)
        %l6 = mul(%sum, %l5)
        %llama = mul(%scale, %l6)
        %t1 = mul(%x, %x)
        %t2 = reduce_mean(%t1, %last)
        %t3 = add(%epsilon, %t2)
        %t4 = sqrt(%t3)
        %t5 = div(%x, %t4)
        %t5x = mul(%t5, %two)
        %p1 = mul(%x, %x)
        %p2 = reduce_mean(%p1, %last)
        %p3 = add(%p2, %epsilon)
        %p4 = sqrt(%p3)
        %p5 = reciprocal(%p4)
        %plain = mul(%p5, %x)
        output "llama" = %llama
        output "t5" = %t5x
        output "plain" = %plain
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(axis: "[0]"),
        Of(square: "mul(%x, %a)"),
        Of(square: "abs(%x)"),
        Of(numerator: "%a"),
        Of(mean: "reduce_sum"),
        Of(also: "output \"m\" = %m"),
        // A shift: the operator has none.
        Of(also: "%z = add(%y, %a)\noutput \"z\" = %z\noutput \"r\" = %r"),
    ];

    private static string Of(string axis = "[1]", string square = "mul(%x, %x)", string numerator = "%x", string mean = "reduce_mean", string also = "") => $"""
        input %x : f32[2, 4]
        input %a : f32[2, 4]
        const %axis : i64[1] = {axis}
        const %e : f32[] = 1e-5
        %p = {square}
        %m = {mean}(%p, %axis)
        %s = add(%m, %e)
        %r = sqrt(%s)
        %y = div({numerator}, %r)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
