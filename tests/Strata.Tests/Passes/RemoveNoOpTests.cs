using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveNoOpTests() : RuleTest(new RemoveNoOp())
{
    protected override string Firing => """
        input %x : f32[N, 3, 4, 4]
        input %u : f32[N]
        input %training : bool[]
        const %ones : i64[4] = [1, 1, 1, 1]
        const %zeros : i64[8] = [0, 0, 0, 0, 0, 0, 0, 0]
        const %from : i64[1] = [0]
        const %to : i64[1] = [9223372036854775807]
        const %axis : i64[1] = [1]
        const %extent : i64[1] = [3]
        const %false : bool[] = false
        const %scales : f32[4] = [1, 1, 1, 1]
        %a = tile(%x, %ones)
        %b = pad(%a, %zeros) {mode = reflect}
        %c = slice(%b, %from, %to, %axis)
        %d = concat(%c) {axis = 1}
        %e = split(%d, %extent) {axis = 1}
        %f = dropout(%e, _, %false)
        %g = resize(%f, _, %scales) {mode = linear}
        %h = max(%g)
        %i = tile(%u, %axis)
        output "h" = %h
        output "i" = %i
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Repeats, steps, scales and padding that move elements without changing the shape.
        """
        input %x : f32[4]
        const %pads : i64[2] = [1, -1]
        const %from : i64[1] = [9223372036854775807]
        const %to : i64[1] = [-9223372036854775807]
        const %axis : i64[1] = [0]
        const %step : i64[1] = [-1]
        const %scale : f32[1] = [1.2]
        %a = pad(%x, %pads)
        %b = slice(%x, %from, %to, %axis, %step)
        %c = resize(%x, _, %scale) {mode = linear}
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """,
        // What decides is known only at run time.
        """
        input %x : f32[4]
        input %repeats : i64[1]
        input %training : bool[]
        const %half : f32[] = 0.5
        %a = tile(%x, %repeats)
        %b = dropout(%x, %half, %training)
        output "a" = %a
        output "b" = %b
        """,
        // Somebody needs the mask.
        """
        input %x : f32[4]
        %b, %mask = dropout(%x)
        output "b" = %b
        output "mask" = %mask
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
