using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeSwishTests() : RecognitionTest(new RecognizeSwish())
{
    protected override string Firing => """
        input %x : f32[N, 4]
        input %d : f64[4]
        const %alpha : f32[] = 1.702
        const %one : f32[] = 1
        const %two : f64[] = 2
        %a1 = sigmoid(%x)
        %silu = mul(%x, %a1)
        %b0 = add(%x, %one)
        %b1 = mul(%b0, %alpha)
        %b2 = sigmoid(%b1)
        %scaled = mul(%b2, %b0)
        %c1 = neg(%x)
        %c2 = exp(%c1)
        %c3 = add(%one, %c2)
        %quotient = div(%x, %c3)
        %d1 = mul(%d, %two)
        %d2 = sigmoid(%d1)
        %wide = mul(%d, %d2)
        output "silu" = %silu
        output "scaled" = %scaled
        output "quotient" = %quotient
        output "wide" = %wide
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // The gate of another value.
        """
        input %x : f32[4]
        input %a : f32[4]
        %s = sigmoid(%a)
        %y = mul(%x, %s)
        output "y" = %y
        """,
        // The sigmoid has another use.
        """
        input %x : f32[4]
        %s = sigmoid(%x)
        %y = mul(%x, %s)
        output "y" = %y
        output "s" = %s
        """,
        // One factor per channel.
        """
        input %x : f32[2, 4]
        const %alpha : f32[4] = [1, 1, 1, 2]
        %a = mul(%x, %alpha)
        %s = sigmoid(%a)
        %y = mul(%x, %s)
        output "y" = %y
        """,
        // The factor enlarges x.
        """
        input %x : f32[4]
        const %alpha : f32[1, 1] = [2]
        %a = mul(%x, %alpha)
        %s = sigmoid(%a)
        %y = mul(%x, %s)
        output "y" = %y
        """,
        // An offset, a sum with another number, and a factor that f32 does not hold.
        """
        input %x : f32[4]
        const %two : f32[] = 2
        %a = add(%x, %two)
        %s = sigmoid(%a)
        %y = mul(%x, %s)
        output "y" = %y
        """,
        """
        input %x : f32[4]
        const %two : f32[] = 2
        %n = neg(%x)
        %e = exp(%n)
        %s = add(%e, %two)
        %y = div(%x, %s)
        output "y" = %y
        """,
        """
        input %x : f64[4]
        const %alpha : f64[] = 1.702
        %a = mul(%x, %alpha)
        %s = sigmoid(%a)
        %y = mul(%x, %s)
        output "y" = %y
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
