using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class InferTypesTests() : RuleTest(new InferTypes())
{
    protected override string Firing => """
        input %x : f32[N, 3, 4]
        input %flag : bool[]
        const %s : i64[2] = [2, 3]
        const %t : i64[2] = [0, 12]
        %flat : f32[?0, ?1] = reshape(%x, %t)
        %sums : f32[?2, ?1] = add(%flat, %flat)
        %filled : f32[?3, ?4] = constant_of_shape(%s)
        %branch : f32[?5, ?6] = if(%flag, %flat) {then_branch = network "then" {
          input %a : f32[?0, ?1]
          %b : f32[?0, ?1] = neg(%a)
          output "y" = %b
        }, else_branch = network "else" {
          input %a : f32[?0, ?1]
          output "y" = %a
        }}
        output "sums" = %sums
        output "filled" = %filled
        output "branch" = %branch
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The rules say no more than the types.
        """
        input %x : f32[N, 3]
        input %s : i64[2]
        %a = reshape(%x, %s)
        %b = add(%a, %x)
        output "b" = %b
        """,
        // A rule breaks, which only a run that gets there shall find out.
        """
        input %x : f32[N, 3, 4]
        const %t : i64[2] = [0, 12]
        const %w : f32[5, 2] = [-0.5, 1.25, 0.25, -0.75, 1, 0, -1, 0.75, -0.25, -1.25]
        %flat : f32[?0, ?1] = reshape(%x, %t)
        %y : f32[?0, 2] = matmul(%flat, %w)
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
