namespace Strata.Tests.Passes;

/// <summary>Parts of transformers as exporters write them, and the operators that the passes leave of them.</summary>
internal static class TransformerBlocks
{
    /// <summary>Networks in the text form, by name.</summary>
    public static IReadOnlyDictionary<string, (string Text, string[] Operators)> All { get; } = new Dictionary<string, (string, string[])>
    {
        // Heads of queries and keys turned by angles of constant positions, keys and values repeated for groups of heads, and a causal mask.
        ["rotary, grouped and causal"] = ("""
            input %x : f32[B, 4, 16]
            const %wq : f32[16, 16] = @0000000000000000000000000000000000000000000000000000000000000001
            const %wk : f32[16, 8] = @0000000000000000000000000000000000000000000000000000000000000002
            const %wv : f32[16, 8] = @0000000000000000000000000000000000000000000000000000000000000003
            const %query_heads : i64[4] = [0, 0, 4, 4]
            const %key_heads : i64[4] = [0, 0, 2, 4]
            const %frequencies : f32[4, 2] = [0, 0, 1, 0.01, 2, 0.02, 3, 0.03]
            const %zero : i64[1] = [0]
            const %one : i64[1] = [1]
            const %two : i64[1] = [2]
            const %last : i64[1] = [-1]
            const %end : i64[1] = [9223372036854775807]
            const %groups : i64[4] = [2, 2, 4, 4]
            const %repeated : i64[4] = [-1, 4, 4, 4]
            const %half : f32[] = 0.5
            const %causal : f32[1, 1, 4, 4] = [0, -inf, -inf, -inf, 0, 0, -inf, -inf, 0, 0, 0, -inf, 0, 0, 0, 0]
            %e = concat(%frequencies, %frequencies) {axis = -1}
            %cos = cos(%e)
            %sin = sin(%e)
            %q0 = matmul(%x, %wq)
            %q1 = reshape(%q0, %query_heads)
            %q = transpose(%q1) {perm = [0, 2, 1, 3]}
            %k0 = matmul(%x, %wk)
            %k1 = reshape(%k0, %key_heads)
            %k = transpose(%k1) {perm = [0, 2, 1, 3]}
            %v0 = matmul(%x, %wv)
            %v1 = reshape(%v0, %key_heads)
            %v = transpose(%v1) {perm = [0, 2, 1, 3]}
            %qa = slice(%q, %zero, %two, %last)
            %qb = slice(%q, %two, %end, %last)
            %qn = neg(%qb)
            %qr = concat(%qn, %qa) {axis = -1}
            %qc = mul(%q, %cos)
            %qs = mul(%qr, %sin)
            %qt = add(%qc, %qs)
            %ka = slice(%k, %zero, %two, %last)
            %kb = slice(%k, %two, %end, %last)
            %kn = neg(%kb)
            %kr = concat(%kn, %ka) {axis = -1}
            %kc = mul(%k, %cos)
            %ks = mul(%kr, %sin)
            %kt = add(%kc, %ks)
            %batch = shape(%x) {end = 1}
            %many = concat(%batch, %groups)
            %ku = unsqueeze(%kt, %two)
            %ke = expand(%ku, %many)
            %kg = reshape(%ke, %repeated)
            %vu = unsqueeze(%v, %two)
            %ve = expand(%vu, %many)
            %vg = reshape(%ve, %repeated)
            %kp = transpose(%kg) {perm = [0, 1, 3, 2]}
            %s0 = matmul(%qt, %kp)
            %s1 = mul(%s0, %half)
            %s2 = add(%s1, %causal)
            %p = softmax(%s2)
            %y = matmul(%p, %vg)
            output "y" = %y
            """, ["attention", "rotary_embedding", "rotary_embedding"]),

        // A gate on what heads give.
        ["gated"] = ("""
            input %q : f32[B, 2, S, 4]
            input %k : f32[B, 2, S, 4]
            input %gate : f32[B, 2, S, 4]
            const %half : f32[] = 0.5
            %t = transpose(%k) {perm = [0, 1, 3, 2]}
            %s = matmul(%q, %t)
            %r = mul(%s, %half)
            %p = softmax(%r)
            %a = matmul(%p, %k)
            %g = sigmoid(%gate)
            %y = mul(%a, %g)
            output "y" = %y
            """, ["attention", "sigmoid", "mul"]),

        // Padding of BERT: one mask for all heads and queries, from the tokens that count.
        ["padded"] = ("""
            input %q : f32[B, 2, S, 4]
            input %tokens : f32[B, S]
            const %axes : i64[2] = [1, 2]
            const %one : f32[] = 1
            const %lowest : f32[] = -10000
            const %two : f32[] = 2
            %m0 = unsqueeze(%tokens, %axes)
            %m1 = sub(%one, %m0)
            %m2 = mul(%m1, %lowest)
            %t = transpose(%q) {perm = [0, 1, 3, 2]}
            %s = matmul(%q, %t)
            %r = div(%s, %two)
            %u = add(%r, %m2)
            %p = softmax(%u)
            %y = matmul(%p, %q)
            output "y" = %y
            """, ["attention"]),
    };
}
