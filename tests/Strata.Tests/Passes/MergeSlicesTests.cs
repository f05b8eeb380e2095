using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MergeSlicesTests() : RuleTest(new MergeSlices())
{
    protected override string Firing => """
        input %x : f32[8, N, 10]
        const %one : i64[1] = [1]
        const %two : i64[1] = [2]
        const %six : i64[1] = [6]
        const %end : i64[1] = [9223372036854775807]
        const %last : i64[1] = [-1]
        const %step : i64[1] = [-2]
        %a = slice(%x, %one, %six)
        %b = slice(%a, %two, %end)
        %c = slice(%x, %one, %six, %last)
        %d = slice(%c, %last, %one, %one, %step)
        output "b" = %b
        output "d" = %d
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Steps along one axis, an extent that is not known, and another use.
        """
        input %x : f32[8, N]
        const %one : i64[1] = [1]
        const %two : i64[1] = [2]
        const %six : i64[1] = [6]
        const %zero : i64[1] = [0]
        const %last : i64[1] = [-1]
        %a = slice(%x, %one, %six, %zero, %two)
        %b = slice(%a, %one, %two)
        %c = slice(%x, %one, %last, %one)
        %d = slice(%c, %one, %last, %one)
        %e = slice(%x, %one, %six)
        %f = slice(%e, %one, %two)
        output "b" = %b
        output "d" = %d
        output "e" = %e
        output "f" = %f
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
