using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeBlocksTests() : RecognitionTest(new RecognizeBlocks())
{
    protected override double Bound => 0;

    // TensorFlow's depth to space, PyTorch's pixel shuffle, and space to depth.
    protected override string Firing => """
        input %x : f32[N, 12, 3, W]
        input %y : f32[N, 3, 4, 6]
        const %a_split : i64[6] = [0, 2, 2, 3, 3, -1]
        const %a_whole : i64[4] = [0, 3, 6, -1]
        const %b_split : i64[6] = [0, 3, 2, 2, 3, -1]
        const %c_split : i64[6] = [-1, 3, 2, 2, 3, 2]
        const %c_whole : i64[4] = [-1, 12, 2, 3]
        %a0 = reshape(%x, %a_split)
        %a1 : f32[N, 3, 3, 2, W, 2] = transpose(%a0) {perm = [0, 3, 4, 1, 5, 2]}
        %dcr : f32[N, 3, 6, 2*W] = reshape(%a1, %a_whole)
        %b0 = reshape(%x, %b_split)
        %b1 : f32[N, 3, 3, 2, W, 2] = transpose(%b0) {perm = [0, 1, 4, 2, 5, 3]}
        %crd : f32[N, 3, 6, 2*W] = reshape(%b1, %a_whole)
        %c0 = reshape(%y, %c_split)
        %c1 = transpose(%c0) {perm = [0, 3, 5, 1, 2, 4]}
        %depth = reshape(%c1, %c_whole)
        output "dcr" = %dcr
        output "crd" = %crd
        output "depth" = %depth
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        Of(perm: "[0, 3, 5, 1, 4, 2]"),
        Of(perm: "[0, 3, 4, 2, 5, 1]"),
        Of(split: "[1, 1, 4, 3, 2, 2]"), // blocks that are not square
        Of(split: "[1, 2, 2, 3, 4, 1]"), // rows that were columns
        Of(whole: "[1, 3, 2, 8]"),
        Of(whole: "[1, 12, 4, 1]"),
        Of(also: "output \"a\" = %a"),
        // PyTorch's pixel unshuffle puts channels before blocks.
        """
        input %x : f32[1, 3, 4, 4]
        const %split : i64[6] = [1, 3, 2, 2, 2, 2]
        const %whole : i64[4] = [1, 12, 2, 2]
        %a = reshape(%x, %split)
        %b = transpose(%a) {perm = [0, 1, 3, 5, 2, 4]}
        %y = reshape(%b, %whole)
        output "y" = %y
        """,
        // Channel shuffle.
        """
        input %x : f32[1, 6, 4, 4]
        const %split : i64[5] = [1, 2, 3, 4, 4]
        const %whole : i64[4] = [1, 6, 4, 4]
        %a = reshape(%x, %split)
        %b = transpose(%a) {perm = [0, 2, 1, 3, 4]}
        %y = reshape(%b, %whole)
        output "y" = %y
        """,
    ];

    private static string Of(string split = "[1, 2, 2, 3, 2, 2]", string perm = "[0, 3, 4, 1, 5, 2]", string whole = "[1, 3, 4, 4]", string also = "") => $"""
        input %x : f32[1, 12, 2, 2]
        const %split : i64[6] = {split}
        const %whole : i64[4] = {whole}
        %a = reshape(%x, %split)
        %b = transpose(%a) {"{"}perm = {perm}{"}"}
        %y = reshape(%b, %whole)
        output "y" = %y
        {also}
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
