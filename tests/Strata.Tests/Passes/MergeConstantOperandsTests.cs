using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeConstantOperandsTests() : RuleTest(new MergeConstantOperands())
{
    protected override string Firing => """
        input %x : f32[N, 2]
        input %i : i32[N]
        const %a : f32[] = 3
        const %b : f32[2] = [0.5, -4]
        const %c : f32[] = 1.5
        const %five : i32[] = 5
        const %less : i32[] = -7
        %s = mul(%a, %x)
        %t = mul(%s, %b)
        %u = div(%t, %c)
        %v = add(%u, %c)
        %w = add(%v, %a)
        %j = add(%i, %five)
        %k = sub(%j, %less)
        output "w" = %w
        output "k" = %k
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Adding and subtracting a large number rounds.
        """
        input %x : f32[N]
        const %a : f32[] = 12582912
        const %b : f32[] = 3
        %s = add(%x, %a)
        %t = sub(%s, %a)
        output "t" = %t
        """,
        // The product overflows, underflows, or is divided by zero.
        """
        input %x : f32[N]
        const %a : f32[] = 1e30
        const %b : f32[] = 1e-30
        const %z : f32[] = 0
        %s = mul(%x, %a)
        %t = mul(%s, %a)
        %u = mul(%x, %b)
        %v = mul(%u, %b)
        %w = mul(%x, %a)
        %y = div(%w, %z)
        output "t" = %t
        output "v" = %v
        output "y" = %y
        """,
        // Something else uses the value between; both constants enlarge each other; integers are cut by divisions.
        """
        input %x : f32[N, 2, 3]
        input %i : i32[N]
        const %a : f32[2, 1] = [1, 2]
        const %b : f32[3] = [3, 4, 5]
        const %c : f32[] = 2
        const %n : i32[] = 3
        %s = mul(%x, %c)
        %t = mul(%s, %a)
        %u = mul(%t, %b)
        %v = mul(%i, %n)
        %w = div(%v, %n)
        output "s" = %s
        output "u" = %u
        output "w" = %w
        """,
    ];

    protected override double Bound => 1e-6;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
