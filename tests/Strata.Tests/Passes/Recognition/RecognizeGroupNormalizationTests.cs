using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeGroupNormalizationTests() : RecognitionTest(new RecognizeGroupNormalization())
{
    // PyTorch's GroupNorm, with and without its affine part.
    protected override string Firing => """
        input %x : f32[N, 6, 4, 5]
        const %groups : i64[3] = [0, 2, -1]
        const %full : i64[4] = [-1, 6, 4, 5]
        const %ones : f32[2] = [1, 1]
        const %zeros : f32[2] = [0, 0]
        const %scale : f32[6, 1, 1] = [1, 2, 3, 4, 5, 6]
        const %bias : f32[6, 1, 1] = [6, 5, 4, 3, 2, 1]
        %a = reshape(%x, %groups)
        %b = instance_norm(%a, %ones, %zeros)
        %c = reshape(%b, %full)
        %d = mul(%c, %scale)
        %affine = add(%bias, %d)
        %p = reshape(%x, %groups)
        %q = instance_norm(%p, %ones, %zeros) {epsilon = 0.001}
        %plain = reshape(%q, %full)
        output "affine" = %affine
        output "plain" = %plain
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(groups: "[2, 2, -1]", batch: "N"), // the batch may be part of the groups
        Of(full: "[-1, 6, 5, 4]"),
        Of(full: "[-1, 3, 8, 5]"),
        Of(ones: "[1, 2]"),
        Of(zeros: "[0, 1]"),
        Of(channels: "C", full: "[0, -1, 4, 5]"),
        Of(also: "output \"b\" = %b"),
    ];

    private static string Of(string groups = "[0, 2, -1]", string full = "[-1, 6, 4, 5]", string ones = "[1, 1]", string zeros = "[0, 0]", string batch = "2", string channels = "6", string also = "") => $"""
        input %x : f32[{batch}, {channels}, 4, 5]
        const %groups : i64[3] = {groups}
        const %full : i64[4] = {full}
        const %ones : f32[2] = {ones}
        const %zeros : f32[2] = {zeros}
        %a = reshape(%x, %groups)
        %b = instance_norm(%a, %ones, %zeros)
        %y = reshape(%b, %full)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
