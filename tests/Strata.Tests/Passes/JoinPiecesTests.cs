using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class JoinPiecesTests() : RuleTest(new JoinPieces())
{
    protected override string Firing => """
        input %x : f32[N, 6]
        input %y : f32[N, 2]
        const %sizes : i64[3] = [1, 2, 3]
        const %zero : i64[1] = [0]
        const %four : i64[1] = [4]
        const %end : i64[1] = [9223372036854775807]
        const %axis : i64[1] = [-1]
        %a, %b, %c = split(%x, %sizes) {axis = 1}
        %d = concat(%y, %a, %b, %c) {axis = 1}
        %e = slice(%x, %zero, %four, %axis)
        %f = slice(%x, %four, %end, %axis)
        %g = concat(%e, %f) {axis = -1}
        %h = concat(%y, %d, %y) {axis = -1}
        output "g" = %g
        output "h" = %h
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Not all parts, not in order, along another axis.
        """
        input %x : f32[4, 4]
        const %sizes : i64[3] = [1, 1, 2]
        const %half : i64[2] = [2, 2]
        %a, %b, %c = split(%x, %sizes) {axis = 1}
        %d = concat(%a, %b) {axis = 1}
        %e = concat(%b, %a, %c) {axis = 1}
        %f, %g = split(%x, %half)
        %h = concat(%f, %g) {axis = 1}
        output "d" = %d
        output "e" = %e
        output "h" = %h
        """,
        // Something else uses the inner one; it joins along another axis.
        """
        input %x : f32[4, 4]
        %a = concat(%x, %x) {axis = 1}
        %b = concat(%a, %a) {axis = 1}
        %c = concat(%x, %x)
        %d = concat(%c, %c) {axis = 1}
        output "a" = %a
        output "b" = %b
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
