using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class LowerBatchNormalizationTests() : RuleTest(new LowerBatchNormalization())
{
    protected override string Firing => """
        input %x : f32[N, 3, 4]
        input %h : f16[2, 2]
        const %scale : f32[3] = [0.75, 2, 1.5]
        const %bias : f32[3] = [0.25, -0.75, 1]
        const %mean : f32[3] = [1, 0, -1]
        const %var : f32[3] = [1.5, 1, 0.5]
        const %s : f16[2] = [0.75, 2]
        %y = batch_norm(%x, %scale, %bias, %mean, %var) {epsilon = 0.01}
        %z = batch_norm(%h, %s, %s, %s, %s)
        output "y" = %y
        output "z" = %z
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The statistics come from the input.
        """
        input %x : f32[N, 3, 4]
        const %s : f32[3] = [0.75, 2, 1.5]
        %y, %mean, %var = batch_norm(%x, %s, %s, %s, %s) {training_mode = true}
        output "y" = %y
        """,
        // The variance is computed in the run.
        """
        input %x : f32[N, 3, 4]
        input %var : f32[3]
        const %s : f32[3] = [0.75, 2, 1.5]
        %y = batch_norm(%x, %s, %s, %s, %var)
        output "y" = %y
        """,
        // The rank is unknown.
        """
        input %x : f32[*]
        const %s : f32[3] = [0.75, 2, 1.5]
        %y = batch_norm(%x, %s, %s, %s, %s)
        output "y" = %y
        """,
    ];

    protected override double Bound => 2e-3;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
