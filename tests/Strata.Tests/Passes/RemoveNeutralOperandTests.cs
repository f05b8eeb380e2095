using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RemoveNeutralOperandTests() : RuleTest(new RemoveNeutralOperand())
{
    protected override string Firing => """
        input %x : f32[N, 2]
        input %i : i64[N]
        input %t : bool[N]
        const %one : f32[] = 1
        const %ones : f32[2] = [1, 1]
        const %zero : f32[1] = [0]
        const %minus : f32[1, 1] = [-0.0]
        const %none : i64[] = 0
        const %true : bool[] = true
        const %false : bool[] = false
        %a = mul(%one, %x)
        %b = div(%a, %ones)
        %c = pow(%b, %one)
        %d = sub(%c, %zero)
        %e = add(%minus, %d)
        %f = add(%i, %none)
        %g = and(%t, %true)
        %h = or(%false, %g)
        %j = xor(%h, %false)
        output "e" = %e
        output "f" = %f
        output "j" = %j
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A float that is −0 would not stay so.
        """
        input %x : f32[2]
        const %zero : f32[] = 0
        const %minus : f32[] = -0.0
        %a = add(%x, %zero)
        %b = sub(%x, %minus)
        output "a" = %a
        output "b" = %b
        """,
        // The constant enlarges x, or stands on the other side.
        """
        input %x : f32[2]
        const %ones : f32[1, 2] = [1, 1]
        const %one : f32[] = 1
        const %zero : f32[] = 0
        %a = mul(%x, %ones)
        %b = div(%one, %x)
        %c = sub(%zero, %x)
        %d = pow(%one, %x)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
