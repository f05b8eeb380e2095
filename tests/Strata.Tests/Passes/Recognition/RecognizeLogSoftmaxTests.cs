using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeLogSoftmaxTests() : RecognitionTest(new RecognizeLogSoftmax(), new RecognizeSoftmax())
{
    protected override string Firing => """
        input %x : f32[N, 4, 3]
        const %last : i64[1] = [2]
        const %one : i64[1] = [1]
        %a0 = reduce_max(%x, %last)
        %a1 = sub(%x, %a0)
        %a2 = exp(%a1)
        %a3 = reduce_sum(%a2, %last)
        %a4 = log(%a3)
        %shifted = sub(%a1, %a4)
        %b0 = reduce_max(%x, %one)
        %b1 = sub(%x, %b0)
        %b2 = exp(%b1)
        %b3 = reduce_sum(%b2, %one)
        %b4 = log(%b3)
        %b5 = add(%b0, %b4)
        %whole = sub(%x, %b5)
        %c0 = reduce_log_sum_exp(%x, %last)
        %c1 = neg(%c0)
        %one_layer = add(%c1, %x)
        %d0 = exp(%x)
        %d1 = reduce_sum(%d0, %last)
        %d2 = div(%d0, %d1)
        %logarithm = log(%d2)
        output "shifted" = %shifted
        output "whole" = %whole
        output "one_layer" = %one_layer
        output "logarithm" = %logarithm
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of("%e = exp(%x)\n%s = reduce_sum(%e, %axes)\n%l = log(%s)\n%y = sub(%l, %x)"),
        Of("%e = exp(%x)\n%s = reduce_sum(%e, %axes)\n%l = log(%s)\n%y = add(%x, %l)"),
        Of("%m = reduce_max(%x, %axes)\n%z = sub(%x, %m)\n%e = exp(%z)\n%s = reduce_sum(%e, %axes)\n%l = log(%s)\n%y = sub(%x, %l)"),
        Of("%l = reduce_log_sum_exp(%x, %both)\n%y = sub(%x, %l)"),
        Of("%l = reduce_log_sum_exp(%x, %axes)\n%y = sub(%x, %l)\noutput \"l\" = %l"),
        Of("%p = softmax(%x)\n%y = log(%p)\noutput \"p\" = %p"),
        Of("%p = softmax(%x)\n%q = add(%p, %small)\n%y = log(%q)"),
    ];

    private static string Of(string layers) => $"""
        input %x : f32[2, 3]
        const %axes : i64[1] = [1]
        const %both : i64[2] = [0, 1]
        const %small : f32[] = 0.001
        {layers}
        output "y" = %y
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
