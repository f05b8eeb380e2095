using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class ReshapeTransposeTests() : RuleTest(new ReshapeTranspose())
{
    protected override string Firing => """
        input %x : f32[N, 1, 3, 1]
        input %z : f32[1, 4]
        %a = transpose(%x) {perm = [0, 2, 3, 1]}
        %b = transpose(%x) {perm = [1, 0, 3, 2]}
        %c = transpose(%z)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Two dimensions that may be others than 1 change places.
        """
        input %x : f32[N, 1, 3]
        %a = transpose(%x) {perm = [2, 1, 0]}
        output "a" = %a
        """,
        // Nothing moves: merge-transposes takes it.
        """
        input %x : f32[N, 1, 3]
        %a = transpose(%x) {perm = [0, 1, 2]}
        output "a" = %a
        """,
        // No constant target says this shape.
        """
        input %x : f32[1, N, M]
        %a = transpose(%x) {perm = [1, 2, 0]}
        output "a" = %a
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
