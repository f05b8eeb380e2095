using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class InlineIfTests() : RuleTest(new InlineIf())
{
    protected override string Firing => """
        input %x : f32[N, 3]
        const %yes : bool[] = true
        const %w : f32[3] = [-0.5, 1.25, 0.25]
        %y, %z = if(%yes, %x, %w) {then_branch = network "then" {
          input %a : f32[N, 3]
          input %v : f32[3]
          const %two : f32[] = 2
          %b = mul(%a, %two)
          %c = add(%b, %v)
          output "y" = %c
          output "z" = %a
        }, else_branch = network "else" {
          input %a : f32[N, 3]
          input %v : f32[3]
          %b = neg(%a)
          output "y" = %b
          output "z" = %b
        }}
        output "y" = %y
        output "z" = %z
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The condition is computed in the run.
        """
        input %x : f32[3]
        input %c : bool[]
        %y = if(%c, %x) {then_branch = network "then" {
          input %a : f32[3]
          %b = neg(%a)
          output "y" = %b
        }, else_branch = network "else" {
          input %a : f32[3]
          output "y" = %a
        }}
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
