using Strata.Passes.Rules;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class MoveDequantizationTests() : RuleTest(new MoveDequantization())
{
    // One scale, one per index, one per block; 4-bit codes too.
    protected override string Firing => """
        const %codes : i8[2, 3] = [1, -2, 3, -4, 5, -6]
        const %nibbles : u4[2, 3] = [1, 2, 3, 4, 5, 6]
        const %one : f32[] = 0.5
        const %zero : i8[] = 1
        const %rows : f32[2] = [0.5, 0.25]
        const %blocks : f32[2, 2] = [1, 2, 3, 4]
        const %zeros : u4[2, 2] = [1, 2, 3, 4]
        const %matrix : i64[2] = [3, 2]
        const %cube : i64[3] = [1, 2, 3]
        %a = dequantize_linear(%codes, %one, %zero)
        %b = transpose(%a)
        %c = dequantize_linear(%codes, %rows) {axis = 0}
        %d = transpose(%c)
        %e = dequantize_linear(%nibbles, %blocks, %zeros) {axis = -1, block_size = 2}
        %f = transpose(%e)
        %g = dequantize_linear(%codes, %one)
        %h = reshape(%g, %matrix)
        %i = dequantize_linear(%codes, %rows) {axis = 0}
        %j = reshape(%i, %cube)
        output "b" = %b
        output "d" = %d
        output "f" = %f
        output "h" = %h
        output "j" = %j
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Codes or scales that are computed.
        """
        input %x : i8[2, 3]
        input %s : f32[]
        const %codes : i8[2, 3] = [1, -2, 3, -4, 5, -6]
        const %one : f32[] = 0.5
        %a = dequantize_linear(%x, %one)
        %b = transpose(%a)
        %c = dequantize_linear(%codes, %s)
        %d = transpose(%c)
        output "b" = %b
        output "d" = %d
        """,
        // Another use would store the codes twice.
        """
        const %codes : i8[2, 3] = [1, -2, 3, -4, 5, -6]
        const %one : f32[] = 0.5
        %a = dequantize_linear(%codes, %one)
        %b = transpose(%a)
        output "a" = %a
        output "b" = %b
        """,
        // A reshape that takes the axis of the scales, or their blocks, apart.
        """
        const %codes : i8[2, 3] = [1, -2, 3, -4, 5, -6]
        const %rows : f32[2] = [0.5, 0.25]
        const %blocks : f32[2, 2] = [1, 2, 3, 4]
        const %matrix : i64[2] = [3, 2]
        %a = dequantize_linear(%codes, %rows) {axis = 0}
        %b = reshape(%a, %matrix)
        %c = dequantize_linear(%codes, %blocks) {block_size = 2}
        %d = reshape(%c, %matrix)
        output "b" = %b
        output "d" = %d
        """,
    ];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
