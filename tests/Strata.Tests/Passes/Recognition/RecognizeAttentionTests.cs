using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeAttentionTests() : RecognitionTest(new RecognizeAttention())
{
    // BERT's form (scores divided, a mask per batch row, keys turned by the permutation that splits heads), PyTorch's (half of the scale on
    // each side, −∞ under a condition, NaN replaced, grouped keys), a causal constant, one head of rank 3, one mask for all queries,
    // a gate on the result, and a clipped softmax.
    protected override string Firing => """
        input %q : f32[B, 4, S, 8]
        input %k : f32[B, L, 4, 8]
        input %v : f32[B, 4, L, 6]
        input %bias : f32[B, 1, S, L]
        input %relative : f32[1, 4, S, L]
        input %may : bool[S, L]
        input %kept : f32[B, 2, L, 8]
        input %values : f32[B, 2, L, 6]
        input %three : f32[B, 3, 5]
        input %wide : f32[B, 4, 3, 8]
        input %keys : f32[B, 1, 1, 3]
        input %gate : f32[B, 4, 3, 8]
        const %eight : f32[] = 2.8284271
        const %open : bool[3] = [true, false, true]
        const %root : f32[] = 0.59460354
        const %infinite : f32[] = -inf
        const %lowest : f32[] = -3.4028235e38
        const %zero : f32[] = 0
        const %one : f32[] = 1
        const %tenth : f32[] = 0.1
        const %stretch : f32[] = 1.2
        const %third : i64[1] = [2]
        const %grouped : i64[5] = [1, 1, 2, 1, 1]
        const %heads : i64[4] = [0, 4, -1, 8]
        const %value_heads : i64[4] = [0, 4, -1, 6]
        const %triangle : f32[1, 3, 3] = [0, -inf, -inf, 0, 0, -inf, 0, 0, 0]
        const %lower : bool[3, 3] = [true, false, false, true, true, false, true, true, true]
        %a0 = transpose(%k) {perm = [0, 2, 3, 1]}
        %a1 = matmul(%q, %a0)
        %a2 = div(%a1, %eight)
        %a3 = add(%a2, %bias)
        %a4 = add(%relative, %a3)
        %a5 = softmax(%a4) {axis = 3}
        %bert = matmul(%a5, %v)
        %b0 = unsqueeze(%kept, %third)
        %b1 = tile(%b0, %grouped)
        %b2 = reshape(%b1, %heads)
        %b3 = unsqueeze(%values, %third)
        %b4 = tile(%b3, %grouped)
        %b5 = reshape(%b4, %value_heads)
        %b6 = mul(%q, %root)
        %b7 = transpose(%b2) {perm = [0, 1, 3, 2]}
        %b8 = mul(%b7, %root)
        %b9 = matmul(%b6, %b8)
        %b10 = where(%may, %b9, %infinite)
        %b11 = softmax(%b10)
        %b12 = is_nan(%b11)
        %b13 = where(%b12, %zero, %b11)
        %grouped_heads = matmul(%b13, %b5)
        %c0 = transpose(%three) {perm = [0, 2, 1]}
        %c1 = matmul(%three, %c0)
        %c2 = add(%triangle, %c1)
        %c3 = softmax(%c2)
        %one_head = matmul(%c3, %three)
        %d0 = transpose(%wide) {perm = [0, 1, 3, 2]}
        %d1 = matmul(%wide, %d0)
        %d2 = where(%lower, %d1, %lowest)
        %d3 = softmax(%d2)
        %causal = matmul(%d3, %wide)
        %e0 = transpose(%wide) {perm = [0, 1, 3, 2]}
        %e1 = matmul(%wide, %e0)
        %e2 = add(%e1, %keys)
        %e3 = softmax(%e2)
        %padded = matmul(%e3, %wide)
        %f0 = transpose(%wide) {perm = [0, 1, 3, 2]}
        %f1 = matmul(%gate, %f0)
        %f2 = where(%open, %f1, %infinite)
        %f3 = softmax(%f2)
        %f4 = matmul(%f3, %wide)
        %f5 = sigmoid(%gate)
        %gated = mul(%f4, %f5)
        %h0 = transpose(%wide) {perm = [0, 1, 3, 2]}
        %h1 = matmul(%gate, %h0)
        %h2 = softmax(%h1)
        %h3 = mul(%h2, %stretch)
        %h4 = sub(%h3, %tenth)
        %h5 = clip(%h4, %zero, %one)
        %clipped = matmul(%h5, %wide)
        output "clipped" = %clipped
        output "padded" = %padded
        output "gated" = %gated
        output "bert" = %bert
        output "grouped_heads" = %grouped_heads
        output "one_head" = %one_head
        output "causal" = %causal
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Probabilities through a gate; stretched to more than none, to less than one, and clipped to more than one.
        Of("%p0 = softmax(%s)\n%g = sigmoid(%m)\n%p = mul(%p0, %g)"),
        Of("%p0 = softmax(%s)\n%p1 = add(%p0, %tenth)\n%p = clip(%p1, %zero, %one)"),
        Of("%p0 = softmax(%s)\n%p1 = mul(%p0, %c)\n%p2 = sub(%p1, %c)\n%p = clip(%p2, %zero, %one)"),
        Of("%p0 = softmax(%s)\n%p1 = sub(%p0, %zero)\n%p = clip(%p1, %zero, %c)"),
        Of("%p0 = softmax(%s)\n%p1 = add(%p0, %m)\n%p = clip(%p1, %zero, %one)"),
        Of("%p = softmax(%s) {axis = 2}"),
        Of("%p = softmax(%s)\noutput \"p\" = %p"),
        Of("%p = softmax(%s)\noutput \"s\" = %s"),
        Of("%t = mul(%s, %m)\n%p = softmax(%t)"),
        // A fill that scores show through.
        Of("%t = where(%b, %s, %low)\n%p = softmax(%t)"),
        // One number for all keys.
        Of("%t = add(%s, %keys)\n%p = softmax(%t)"),
        // A scale for each head, and masks of masks.
        Of("%t = mul(%s, %each)\n%p = softmax(%t)"),
        Of("%a = add(%s, %m)\n%t = where(%b, %a, %infinite)\n%p = softmax(%t)"),
        Of("%a = add(%s, %m)\n%t = mul(%a, %c)\n%p = softmax(%t)"),
        // Keys for one batch row, and heads without a number.
        Of("%p = softmax(%s)", k: "1, 4, 8, 3"),
        Of("%p = softmax(%s)", q: "B, N, 3, 8", k: "B, N, 8, 3", v: "B, N, 3, 5"),
        Of("%p = softmax(%s)", v: "2, 1, 3, 5"),
        Of("%p = softmax(%s)", q: "2, 2, 4, 3, 8", k: "2, 2, 4, 8, 3", v: "2, 2, 4, 3, 5"),
    ];

    private static string Of(string layers, string q = "2, 4, 3, 8", string k = "2, 4, 8, 3", string v = "2, 4, 3, 5") => $"""
        input %q : f32[{q}]
        input %k : f32[{k}]
        input %v : f32[{v}]
        input %m : f32[2, 4, 3, 3]
        input %b : bool[3, 3]
        input %keys : f32[2, 1, 3, 1]
        const %each : f32[4, 1, 1] = [1, 2, 3, 4]
        const %c : f32[] = 1.1
        const %tenth : f32[] = 0.1
        const %zero : f32[] = 0
        const %one : f32[] = 1
        const %low : f32[] = -10000
        const %infinite : f32[] = -inf
        %s = matmul(%q, %k)
        {layers}
        %y = matmul(%p, %v)
        output "y" = %y
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
