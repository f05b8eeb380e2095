using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeRotaryEmbeddingTests() : RecognitionTest(new RecognizeRotaryEmbedding())
{
    // PyTorch's Llama (halves, angles computed, one for each element), a table gathered by positions for a part of each head, GPT-J
    // (neighbours by strides, heads behind positions, repeated angles, a rest), halves multiplied apart, with the rest behind, and
    // pairs by a reshape, turned back, in one head.
    protected override string Firing => """
        input %q : f32[B, 4, S, 8]
        input %frequencies : f32[B, S, 4]
        input %k : f32[B, 2, 3, 6]
        input %j : f32[1, S, 2, 6]
        input %once : f32[1, S, 2]
        input %c : f32[B, 4, S, 3]
        input %cosines : f32[S, 1]
        input %sines : f32[S, 1]
        input %one : f32[B, 5, 4]
        const %scale : f32[] = 1.5
        const %first : i64[1] = [0]
        const %second : i64[1] = [1]
        const %two : i64[1] = [2]
        const %four : i64[1] = [4]
        const %end : i64[1] = [9223372036854775807]
        const %last : i64[1] = [-1]
        const %middle : i64[1] = [2]
        const %ones : i64[1] = [1]
        const %twice : i64[4] = [1, 1, 1, 2]
        const %flat : i64[3] = [1, 0, 4]
        const %joined : i64[4] = [1, 0, 2, 4]
        const %table : f32[4, 4] = [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6, 7, 8, 7, 8]
        const %positions : i64[1, 3] = [3, 0, -2]
        const %parts : i64[3] = [1, 1, 1]
        const %pairs : i64[4] = [0, 5, 2, 2]
        const %index0 : i64[] = 0
        const %index1 : i64[] = 1
        const %thin : i64[4] = [0, 5, 2, 1]
        const %row : i64[3] = [0, 5, 4]
        const %angle : f32[5, 2] = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5]
        %e0 = concat(%frequencies, %frequencies) {axis = -1}
        %e1 = cos(%e0)
        %e2 = mul(%e1, %scale)
        %cos = unsqueeze(%e2, %ones)
        %e3 = sin(%e0)
        %e4 = mul(%e3, %scale)
        %sin = unsqueeze(%e4, %ones)
        %a0 = slice(%q, %first, %four, %last)
        %a1 = slice(%q, %four, %end, %last)
        %a2 = neg(%a1)
        %a3 = concat(%a2, %a0) {axis = -1}
        %a4 = mul(%q, %cos)
        %a5 = mul(%a3, %sin)
        %llama = add(%a4, %a5)
        %b0 = gather(%table, %positions)
        %b1 = unsqueeze(%b0, %ones)
        %b2 = slice(%k, %first, %four, %last)
        %b3 = slice(%k, %four, %end, %last)
        %b4, %b5 = split(%b2) {axis = 3, num_outputs = 2}
        %b6 = neg(%b5)
        %b7 = concat(%b6, %b4) {axis = 3}
        %b8 = mul(%b1, %b7)
        %b9 = mul(%b1, %b2)
        %b10 = add(%b8, %b9)
        %partial = concat(%b10, %b3) {axis = -1}
        %f0 = unsqueeze(%once, %last)
        %f1 = tile(%f0, %twice)
        %f2 = reshape(%f1, %flat)
        %f3 = sin(%f2)
        %f4 = unsqueeze(%f3, %middle)
        %f5 = cos(%f2)
        %f6 = unsqueeze(%f5, %middle)
        %g0 = slice(%j, %first, %four, %last)
        %g1 = slice(%j, %four, %end, %last)
        %g2 = slice(%g0, %first, %end, %last, %two)
        %g3 = slice(%g0, %second, %end, %last, %two)
        %g4 = neg(%g3)
        %g5 = unsqueeze(%g4, %last)
        %g6 = unsqueeze(%g2, %last)
        %g7 = concat(%g5, %g6) {axis = -1}
        %g8 = reshape(%g7, %joined)
        %g9 = mul(%g0, %f6)
        %g10 = mul(%g8, %f4)
        %g11 = add(%g9, %g10)
        %neighbours = concat(%g11, %g1) {axis = -1}
        %h0, %h1, %h2 = split(%c) {axis = -1, num_outputs = 3}
        %h3 = mul(%h0, %cosines)
        %h4 = mul(%h1, %sines)
        %h5 = sub(%h3, %h4)
        %h6 = mul(%sines, %h0)
        %h7 = mul(%h1, %cosines)
        %h8 = add(%h6, %h7)
        %apart = concat(%h5, %h8, %h2) {axis = 3}
        %i0 = reshape(%one, %pairs)
        %i1 = gather(%i0, %index0) {axis = 3}
        %i2 = gather(%i0, %index1) {axis = 3}
        %i3 = mul(%i1, %angle)
        %i4 = mul(%i2, %angle)
        %i5 = add(%i3, %i4)
        %i6 = sub(%i4, %i3)
        %i7 = reshape(%i5, %thin)
        %i8 = reshape(%i6, %thin)
        %i9 = concat(%i7, %i8) {axis = -1}
        %backwards = reshape(%i9, %row)
        output "llama" = %llama
        output "partial" = %partial
        output "neighbours" = %neighbours
        output "apart" = %apart
        output "backwards" = %backwards
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Angles that differ within a pair, or between heads, or for pairs of the other layout.
        Of(cos: "const %c : f32[3, 4] = [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 7]"),
        Of(cos: "input %c : f32[3, 4]"),
        Of(cos: "input %f : f32[2, 3, 2]\n%c = concat(%f, %f) {axis = -1}"),
        Of(cos: "const %c : f32[3, 4] = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]"),
        Of(cos: "input %f : f32[3, 2]\ninput %g : f32[3, 2]\n%c = concat(%f, %g) {axis = -1}"),
        Of(cos: "input %f : f32[1, 3, 2]\n%g = concat(%f, %f) {axis = 1}\n%h = transpose(%g)\nconst %t : i64[2] = [3, 4]\n%c = reshape(%h, %t)"),
        // Signs and orders that are no rotation.
        Of(turn: "%r = concat(%a, %n) {axis = -1}"),
        Of(turn: "%t = abs(%n)\n%r = concat(%t, %a) {axis = -1}"),
        Of(turn: "%t = neg(%a)\n%r = concat(%n, %t) {axis = -1}"),
        Of(turn: "%r = concat(%n, %a) {axis = -1}\noutput \"r\" = %r"),
        Of(sum: "%m = mul(%x, %c)\n%p = mul(%r, %c)\n%y = sub(%p, %m)"),
        Of(sum: "%m = mul(%a2, %c)\n%p = mul(%r, %c)\n%y = add(%m, %p)"),
        // Halves of which the second is turned by another angle.
        """
        input %x : f32[2, 2, 3, 4]
        input %c : f32[3, 2]
        input %s : f32[3, 2]
        %a, %b = split(%x) {axis = 3, num_outputs = 2}
        %ac = mul(%a, %c)
        %bs = mul(%b, %s)
        %as = mul(%a, %s)
        %bb = mul(%b, %b)
        %first = sub(%ac, %bs)
        %second = add(%as, %bb)
        %y = concat(%first, %second) {axis = 3}
        output "y" = %y
        """,
        // Halves that overlap, elements without number, and no positions.
        Of(halves: "%a = slice(%x, %from, %two, %last)\n%b = slice(%x, %one, %three, %last)"),
        Of(x: "2, 2, 3, H", cos: "input %c : f32[1, 1]"),
        Of(x: "3, 4"),
    ];

    private static string Of(string x = "2, 2, 3, 4", string cos = "const %c : f32[3, 4] = [1, 2, 1, 2, 3, 4, 3, 4, 5, 6, 5, 6]", string halves = "%a = slice(%x, %from, %two, %last)\n%b = slice(%x, %two, %four, %last)",
        string turn = "%r = concat(%n, %a) {axis = -1}", string sum = "%m = mul(%x, %c)\n%p = mul(%r, %c)\n%y = add(%m, %p)") => $"""
        input %x : f32[{x}]
        input %a2 : f32[2, 2, 3, 4]
        {Declared(cos)}
        const %from : i64[1] = [0]
        const %one : i64[1] = [1]
        const %two : i64[1] = [2]
        const %three : i64[1] = [3]
        const %four : i64[1] = [4]
        const %last : i64[1] = [-1]
        {Computed(cos)}
        {halves}
        %n = neg(%b)
        {turn}
        {sum}
        output "y" = %y
        """;

    private static string Declared(string lines) => string.Join('\n', lines.Split('\n').Where(l => !l.StartsWith('%')));

    private static string Computed(string lines) => string.Join('\n', lines.Split('\n').Where(l => l.StartsWith('%')));

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
