using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeCastsTests() : RuleTest(new MergeCasts())
{
    protected override string Firing => """
        input %x : f16[N]
        input %i : u8[N]
        input %t : bool[N]
        %a = cast(%x) {to = f32}
        %b = cast(%a) {to = f16}
        %c = cast(%a) {to = bf16}
        %d = cast(%i) {to = f32}
        %e = cast(%d) {to = i32}
        %f = cast(%t) {to = i64}
        %g = cast(%f) {to = bool}
        %h = cast(%f) {to = f64}
        output "b" = %b
        output "c" = %c
        output "e" = %e
        output "g" = %g
        output "h" = %h
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The first conversion rounds, or cuts.
        """
        input %x : f32[N]
        input %i : i64[N]
        %a = cast(%x) {to = f16}
        %b = cast(%a) {to = f32}
        %c = cast(%i) {to = f64}
        %d = cast(%c) {to = i64}
        %e = cast(%x) {to = i32}
        %f = cast(%e) {to = f32}
        output "b" = %b
        output "d" = %d
        output "f" = %f
        """,
        // Integers wrap where floats do not.
        """
        input %i : i8[N]
        %a = cast(%i) {to = f32}
        %b = cast(%a) {to = u8}
        output "b" = %b
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
