using Strata.Passes.Rules.Recognition;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class RecognizeRecurrenceTests() : RecognitionTest(new RecognizeRecurrence())
{
    // One LSTM step as PyTorch writes a cell, one GRU step of each kind (a GRU that keeps by 1 − z, and one whose input and state are joined), Keras' two steps
    // of an unrolled LSTM from batch-major inputs, with both hidden states shown, and two steps backwards of a GRU whose inputs are
    // weighted at once, as torch.export decomposes it.
    protected override string Firing => """
        input %x : f32[B, 3]
        input %h : f32[B, 2]
        input %c : f32[B, 2]
        input %many : f32[B, 2, 3]
        input %sequence : f32[2, B, 3]
        input %start : f32[1, B, 2]
        const %w : f32[8, 3] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15, 0.25, 0.35, -0.45, 0.55, 0.65, 0.75, -0.85, 0.95, 0.11, 0.21, 0.31, -0.41, 0.51, 0.61]
        const %r : f32[2, 8] = [0.3, -0.2, 0.1, 0.6, 0.5, 0.4, -0.9, 0.8, 0.7, 0.12, 0.13, -0.14, 0.15, 0.16, 0.17, 0.18]
        const %b : f32[8] = [0.5, 0.25, -0.5, 0.75, 1, -1, 0.125, 0]
        const %one : f32[] = 1
        const %wz : f32[3, 2] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6]
        const %wr : f32[3, 2] = [0.7, 0.8, 0.9, 0.15, 0.25, 0.35]
        const %wn : f32[3, 2] = [0.45, 0.55, -0.65, 0.75, 0.85, 0.95]
        const %rz : f32[2, 2] = [0.3, 0.2, -0.1, 0.6]
        const %rr : f32[2, 2] = [0.5, -0.4, 0.9, 0.8]
        const %rn : f32[2, 2] = [0.7, 0.12, 0.13, -0.14]
        const %bn : f32[2] = [0.5, -0.25]
        const %both : f32[5, 4] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15, 0.25, 0.35, -0.45, 0.55, 0.65, 0.75, -0.85, 0.95, 0.11, 0.21]
        const %bothn : f32[5, 2] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15]
        const %keras : f32[3, 8] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15, 0.25, 0.35, -0.45, 0.55, 0.65, 0.75, -0.85, 0.95, 0.11, 0.21, 0.31, -0.41, 0.51, 0.61]
        const %wi : f32[3, 6] = [0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 0.15, 0.25, 0.35, -0.45, 0.55, 0.65, 0.75, -0.85, 0.95]
        const %wh : f32[2, 6] = [0.3, -0.2, 0.1, 0.6, 0.5, 0.4, -0.9, 0.8, 0.7, 0.12, 0.13, -0.14]
        const %bi : f32[6] = [0.5, 0.25, -0.5, 0.75, 1, -1]
        const %bh : f32[6] = [0.125, 0, 0.25, 0.5, -0.75, 0.375]
        const %index0 : i64[] = 0
        const %index1 : i64[] = 1
        const %zero : i64[1] = [0]
        const %two : i64[1] = [2]
        const %four : i64[1] = [4]
        const %six : i64[1] = [6]
        const %eight : i64[1] = [8]
        const %last : i64[1] = [-1]
        const %low : i64[1] = [-9223372036854775808]
        const %ones : i64[1] = [1]
        %a0 = gemm(%x, %w) {transB = true}
        %a1 = gemm(%h, %r, %b)
        %a2 = add(%a0, %a1)
        %a3, %a4, %a5, %a6 = split(%a2) {axis = 1, num_outputs = 4}
        %a7 = sigmoid(%a3)
        %a8 = sigmoid(%a4)
        %a9 = tanh(%a5)
        %a10 = sigmoid(%a6)
        %a11 = mul(%a8, %c)
        %a12 = mul(%a7, %a9)
        %lstm_cell = add(%a11, %a12)
        %a13 = tanh(%lstm_cell)
        %lstm = mul(%a10, %a13)
        %g0 = matmul(%x, %wz)
        %g1 = matmul(%h, %rz)
        %g2 = add(%g0, %g1)
        %g3 = hard_sigmoid(%g2)
        %g4 = matmul(%x, %wr)
        %g5 = matmul(%h, %rr)
        %g6 = add(%g4, %g5)
        %g7 = hard_sigmoid(%g6)
        %g8 = matmul(%h, %rn)
        %g9 = add(%bn, %g8)
        %g10 = mul(%g7, %g9)
        %g11 = matmul(%x, %wn)
        %g12 = add(%g11, %g10)
        %g13 = relu(%g12)
        %g14 = sub(%one, %g3)
        %g15 = mul(%g14, %g13)
        %g16 = mul(%g3, %h)
        %gru = add(%g16, %g15)
        %u0 = concat(%x, %h) {axis = -1}
        %u1 = matmul(%u0, %both)
        %u2 = slice(%u1, %zero, %two, %ones)
        %u3 = slice(%u1, %two, %four, %ones)
        %u4 = sigmoid(%u2)
        %u5 = sigmoid(%u3)
        %u6 = mul(%u4, %h)
        %u7 = concat(%x, %u6) {axis = 1}
        %u8 = gemm(%u7, %bothn, %bn)
        %u9 = tanh(%u8)
        %u10 = sub(%u9, %h)
        %u11 = mul(%u5, %u10)
        %joined = add(%u11, %h)
        %k0 = gather(%many, %index0) {axis = 1}
        %k1 = matmul(%k0, %keras)
        %k2 = matmul(%h, %r)
        %k3 = add(%k1, %k2)
        %k4 = add(%k3, %b)
        %k5 = slice(%k4, %zero, %two, %ones)
        %k6 = slice(%k4, %two, %four, %ones)
        %k7 = slice(%k4, %four, %six, %ones)
        %k8 = slice(%k4, %six, %eight, %ones)
        %k9 = sigmoid(%k5)
        %k10 = sigmoid(%k6)
        %k11 = tanh(%k7)
        %k12 = sigmoid(%k8)
        %k13 = mul(%k10, %c)
        %k14 = mul(%k9, %k11)
        %k15 = add(%k13, %k14)
        %k16 = tanh(%k15)
        %first = mul(%k12, %k16)
        %l0 = gather(%many, %index1) {axis = 1}
        %l1 = matmul(%l0, %keras)
        %l2 = matmul(%first, %r)
        %l3 = add(%l1, %l2)
        %l4 = add(%l3, %b)
        %l5 = slice(%l4, %zero, %two, %ones)
        %l6 = slice(%l4, %two, %four, %ones)
        %l7 = slice(%l4, %four, %six, %ones)
        %l8 = slice(%l4, %six, %eight, %ones)
        %l9 = sigmoid(%l5)
        %l10 = sigmoid(%l6)
        %l11 = tanh(%l7)
        %l12 = sigmoid(%l8)
        %l13 = mul(%l10, %k15)
        %l14 = mul(%l9, %l11)
        %second_cell = add(%l13, %l14)
        %l16 = tanh(%second_cell)
        %second = mul(%l12, %l16)
        %t0 = matmul(%sequence, %wi)
        %t1 = add(%t0, %bi)
        %t2 = slice(%t1, %last, %low, %zero, %last)
        %t3 = gather(%t2, %index0)
        %t4, %t5, %t6 = split(%t3) {axis = 1, num_outputs = 3}
        %t7 = matmul(%start, %wh)
        %t8 = add(%t7, %bh)
        %t9, %t10, %t11 = split(%t8) {axis = 2, num_outputs = 3}
        %t12 = add(%t9, %t4)
        %t13 = sigmoid(%t12)
        %t14 = add(%t10, %t5)
        %t15 = sigmoid(%t14)
        %t16 = mul(%t11, %t13)
        %t17 = add(%t6, %t16)
        %t18 = tanh(%t17)
        %t19 = sub(%start, %t18)
        %t20 = mul(%t19, %t15)
        %t21 = add(%t20, %t18)
        %v3 = gather(%t2, %index1)
        %v4, %v5, %v6 = split(%v3) {axis = 1, num_outputs = 3}
        %v7 = matmul(%t21, %wh)
        %v8 = add(%v7, %bh)
        %v9, %v10, %v11 = split(%v8) {axis = 2, num_outputs = 3}
        %v12 = add(%v9, %v4)
        %v13 = sigmoid(%v12)
        %v14 = add(%v10, %v5)
        %v15 = sigmoid(%v14)
        %v16 = mul(%v11, %v13)
        %v17 = add(%v6, %v16)
        %v18 = tanh(%v17)
        %v19 = sub(%t21, %v18)
        %v20 = mul(%v19, %v15)
        %v21 = add(%v20, %v18)
        %exported = concat(%v21, %t21) {axis = 0}
        output "lstm" = %lstm
        output "cell" = %lstm_cell
        output "gru" = %gru
        output "joined" = %joined
        output "first" = %first
        output "second" = %second
        output "second_cell" = %second_cell
        output "exported" = %exported
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // A gate, a state in between or a product that others use.
        Lstm("output \"i\" = %i"),
        Lstm("output \"t\" = %t"),
        // Another activation of one gate, a gate that depends on something else, and states that are broadcast.
        Lstm(forget: "%f = hard_sigmoid(%s1)"),
        Lstm(forget: "%f1 = add(%s1, %c)\n%f = sigmoid(%f1)"),
        Lstm(forget: "%f = tanh(%s1)"),
        Lstm(c: "1, 2"),
        Lstm(weights: "input %w : f32[3, 8]"),
        Lstm(shown: "%t = sigmoid(%y)"),
        // A convex combination with other weights, a reset of something else, and a candidate without reset.
        Gru(sum: "%p = mul(%z, %h)\n%m = mul(%z, %n)\n%y = add(%p, %m)"),
        Gru(sum: "%p = mul(%z, %h)\n%q = sub(%two, %z)\n%m = mul(%q, %n)\n%y = add(%p, %m)"),
        Gru(reset: "%q0 = mul(%r, %k)"),
        Gru(reset: "%q0 = mul(%h, %k)\noutput \"r\" = %r"),
        Gru(reset: "%q0 = mul(%r, %h)\noutput \"r\" = %r"),
    ];

    private static string Lstm(string others = "", string forget = "%f = sigmoid(%s1)", string c = "2, 2", string weights = "const %w : f32[3, 8]", string shown = "%t = tanh(%y)") => $"""
        input %x : f32[2, 3]
        input %h : f32[2, 2]
        input %c : f32[{c}]
        {(weights.StartsWith("const", StringComparison.Ordinal) ? weights + " = [" + string.Join(", ", Enumerable.Range(0, 24).Select(static i => i % 5)) + "]" : weights)}
        const %v : f32[2, 8] = [{string.Join(", ", Enumerable.Range(0, 16).Select(static i => i % 3))}]
        %a = matmul(%x, %w)
        %b = matmul(%h, %v)
        %s = add(%a, %b)
        %s0, %s1, %s2, %s3 = split(%s) [axis = 1, num_outputs = 4]
        %i = sigmoid(%s0)
        {forget}
        %o = sigmoid(%s2)
        %g = tanh(%s3)
        %k = mul(%f, %c)
        %l = mul(%i, %g)
        %y = add(%k, %l)
        {shown}
        %z = mul(%o, %t)
        output "z" = %z
        {others}
        """.Replace("[axis = 1, num_outputs = 4]", "{axis = 1, num_outputs = 4}", StringComparison.Ordinal);

    private static string Gru(string sum = "%p = mul(%z, %h)\n%q = sub(%one, %z)\n%m = mul(%q, %n)\n%y = add(%p, %m)", string reset = "%q0 = mul(%r, %h)") => $"""
        input %x : f32[2, 3]
        input %h : f32[2, 2]
        input %k : f32[2, 2]
        const %one : f32[] = 1
        const %two : f32[] = 2
        const %w : f32[3, 2] = [1, 2, 3, -1, -2, -3]
        const %v : f32[2, 2] = [1, 2, -1, 3]
        %a = matmul(%x, %w)
        %b = matmul(%h, %v)
        %s = add(%a, %b)
        %z = sigmoid(%s)
        %d = sub(%x, %one)
        %a1 = matmul(%x, %w)
        %s1 = add(%a1, %b)
        %r = sigmoid(%s1)
        {reset}
        %b2 = matmul(%q0, %v)
        %s2 = add(%a, %b2)
        %n = tanh(%s2)
        {sum}
        output "y" = %y
        output "d" = %d
        """;

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
