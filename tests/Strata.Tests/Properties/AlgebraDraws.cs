using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Products of matrices, recurrences, attention, transforms of signals, losses.</summary>
internal static class AlgebraDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("matmul", MatMul),
        new("gemm", Gemm),
        new("einsum", Einsum),
        new("det", g => g.Add(new Det(), Square(g))),
        new("inverse", g => g.Add(new Inverse(), Square(g))),
        new("rnn", g => Recur(g, new Rnn(), 1, 1)),
        new("gru", g => Recur(g, new Gru { LinearBeforeReset = g.Chance(0.5) }, 3, 1)),
        new("lstm", g => Recur(g, new Lstm { InputForget = g.Chance(0.2) }, 4, 2)),
        new("attention", Attend),
        new("group_query_attention", AttendInGroups),
        new("linear_attention", AttendLinearly),
        new("causal_conv_with_state", g => { int c = g.Next(1, 3), k = g.Next(1, 3); g.AddMany(new CausalConvWithState { Silu = g.Chance(0.5) }, 2, 1, g.Exactly(ElementType.Float32, 2, c, g.Next(1, 4)), g.Exactly(ElementType.Float32, c, 1, k), g.Chance(0.5) ? g.Exactly(ElementType.Float32, c) : null, g.Chance(0.5) ? g.Exactly(ElementType.Float32, 2, c, k - 1) : null); }),
        new("rotary_embedding", Rotate),
        new("negative_log_likelihood_loss", g => g.Add(new NegativeLogLikelihoodLoss { Reduction = g.Choose(Enum.GetValues<LossReduction>()), IgnoreIndex = g.Chance(0.3) ? 1 : null },
            g.Exactly(ElementType.Float32, 3, 4), g.Indices(ElementType.Int64, 0, 3, 3), g.Chance(0.5) ? g.Between(0.1, 1, ElementType.Float32, 4) : null)),
        new("tf_idf_vectorizer", g => g.Add(new TfIdfVectorizer { MinGramLength = 1, MaxGramLength = 2, MaxSkipCount = g.Next(0, 1), NgramCounts = [0, 2], NgramIndexes = [0, 1, 2, 3], PoolInt64s = [2, 3, 1, 2, 3, 0] },
            g.Indices(ElementType.Int32, 0, 4, g.Chance(0.5) ? [6] : [2, 4]))),
        new("dft", g => { bool inverse = g.Chance(0.3); g.Add(new Dft { Inverse = inverse, Onesided = !inverse && g.Chance(0.5) }, g.Exactly(ElementType.Float32, 2, g.Next(1, 6), inverse ? 2 : 1), null, g.Chance(0.5) ? g.Constant(Tensor.Scalar(1L)) : null); }),
        new("stft", g => g.Add(new Stft { Onesided = g.Chance(0.7) }, g.Exactly(ElementType.Float32, 1, 12, 1), g.Constant(Tensor.Scalar(2L)), g.Chance(0.5) ? g.Between(0, 1, ElementType.Float32, 4) : null, g.Constant(Tensor.Scalar(4L)))),
        new("hann_window", g => g.Add(new HannWindow { Periodic = g.Chance(0.5) }, Length(g))),
        new("hamming_window", g => g.Add(new HammingWindow { Periodic = g.Chance(0.5), OutputDatatype = g.Choose(ElementType.Float32, ElementType.Float64) }, Length(g))),
        new("blackman_window", g => g.Add(new BlackmanWindow { Periodic = g.Chance(0.5) }, Length(g))),
        new("mel_weight_matrix", g => g.Add(new MelWeightMatrix(), g.Small(Tensor.Scalar(4L)), g.Small(Tensor.Scalar(16L)), g.Constant(Tensor.Scalar(8000L)), g.Constant(Tensor.Scalar(20f)), g.Constant(Tensor.Scalar(3000f)))),
    ];

    private static Value Length(NetworkGenerator g) => g.Small(g.Chance(0.5) ? Tensor.Scalar((long)g.Next(1, 9)) : Tensor.Scalar(g.Next(1, 9)));

    private static ElementType Type(NetworkGenerator g) => g.Chance(0.8) ? g.Float() : g.Choose(ElementType.Int32, ElementType.Int64, ElementType.UInt32);

    private static void MatMul(NetworkGenerator g)
    {
        var a = g.Any(() => Type(g), 1, 4, mayBeEmpty: false);
        int[] dims = g.DimsOf(a);
        int k = dims[^1], columns = g.Next(1, 4);
        int[] batch = dims.Length > 2 ? ElementwiseDraws.Narrowed(g, dims[..^2]) : g.Chance(0.2) ? [2] : [];
        g.Add(new MatMul(), a, g.Exactly(g.TypeOf(a), g.Chance(0.15) ? [k] : [.. batch, k, columns]));
    }

    private static void Gemm(NetworkGenerator g)
    {
        var a = g.Any(() => Type(g), 2, 2, mayBeEmpty: false);
        bool transA = g.Chance(0.3), transB = g.Chance(0.5);
        int m = g.DimsOf(a)[transA ? 1 : 0], k = g.DimsOf(a)[transA ? 0 : 1], n = g.Next(1, 4);
        g.Add(new Gemm { TransA = transA, TransB = transB, Alpha = g.Choose(1, 0.5f, 2), Beta = g.Choose(1, 2f) }, a, g.Exactly(g.TypeOf(a), transB ? [n, k] : [k, n]),
            g.Chance(0.6) ? g.Exactly(g.TypeOf(a), g.Choose<int[]>([n], [m, 1], [], [1, n])) : null);
    }

    private static void Einsum(NetworkGenerator g)
    {
        var type = g.Choose(ElementType.Float32, ElementType.Float64, ElementType.Int32);
        int i = g.Next(1, 3), j = g.Next(1, 3), k = g.Next(1, 3);
        switch (g.Next(0, 3))
        {
            case 0: g.Add(new Einsum { Equation = "bij,bjk->bik" }, g.Exactly(type, 2, i, j), g.Exactly(type, 2, j, k)); break;
            case 1: g.Add(new Einsum { Equation = "...ij->...ji" }, g.Exactly(type, 2, i, j)); break;
            case 2: g.Add(new Einsum { Equation = "ii->i" }, g.Exactly(type, i, i)); break;
            default: g.Add(new Einsum { Equation = "ij, jk" }, g.Exactly(type, i, j), g.Exactly(type, j, k)); break;
        }
    }

    private static Value Square(NetworkGenerator g)
    {
        int m = g.Next(1, 3);
        return g.Exactly(g.Choose(ElementType.Float32, ElementType.Float64), [.. g.Dims(0, 2, mayBeEmpty: false), m, m]);
    }

    private static void Recur(NetworkGenerator g, Recurrence op, int gates, int states)
    {
        var type = g.Choose(ElementType.Float32, ElementType.Float32, ElementType.Float64);
        int steps = g.Next(1, 4), batch = g.Next(1, 3), input = g.Next(1, 3), hidden = g.Next(1, 3), layout = g.Next(0, 3) / 3;
        var direction = g.Choose(Enum.GetValues<RecurrenceDirection>());
        int d = direction == RecurrenceDirection.Bidirectional ? 2 : 1;
        op = op with { Direction = direction, HiddenSize = hidden, Layout = layout, Clip = g.Chance(0.2) ? 0.9f : null };
        Value? Initial() => g.Chance(0.5) ? g.Exactly(type, layout == 0 ? [d, batch, hidden] : [batch, d, hidden]) : null;
        Value?[] operands =
        [
            g.Exactly(type, layout == 0 ? [steps, batch, input] : [batch, steps, input]), g.Exactly(type, d, gates * hidden, input), g.Exactly(type, d, gates * hidden, hidden),
            g.Chance(0.5) ? g.Exactly(type, d, 2 * gates * hidden) : null, g.Chance(0.4) ? g.Indices(ElementType.Int32, 1, steps, batch) : null,
            Initial(), .. states == 2 ? (Value?[])[Initial(), g.Chance(0.3) ? g.Exactly(type, d, 3 * hidden) : null] : [],
        ];
        g.AddMany(op, 1 + states, g.Next(1, 1 + states), operands);
    }

    private static void Attend(NetworkGenerator g)
    {
        var type = g.Choose(ElementType.Float32, ElementType.Float32, ElementType.Float16, ElementType.Float64);
        int batch = g.Next(1, 2), kvHeads = g.Next(1, 2), heads = kvHeads * g.Next(1, 2), s = g.Next(1, 3), l = g.Next(1, 4), h = g.Next(1, 3), past = g.Chance(0.3) ? g.Next(1, 2) : 0;
        bool flat = g.Chance(0.4);
        Value Heads(int count, int length) => flat ? g.Exactly(type, batch, length, count * h) : g.Exactly(type, batch, count, length, h);
        var op = new Attention
        {
            IsCausal = g.Chance(0.3), QNumHeads = flat ? heads : null, KvNumHeads = flat ? kvHeads : null, Scale = g.Chance(0.3) ? 0.7f : null, Softcap = g.Chance(0.2) ? 2 : 0,
            QkMatmulOutputMode = g.Choose(Enum.GetValues<AttentionScores>()),
        };
        Value? Past() => past > 0 ? g.Exactly(type, batch, kvHeads, past, h) : null;
        var mask = g.Chance(0.4) ? g.Exactly(g.Chance(0.5) ? ElementType.Bool : type, g.Choose<int[]>([s, past + l], [batch, 1, s, past + l])) : null;
        Value?[] pasts = [Past(), Past()];
        g.AddMany(op, past > 0 ? 4 : 1, past > 0 ? 3 : 1, [Heads(heads, s), Heads(kvHeads, l), Heads(kvHeads, l), mask, .. pasts]);
    }

    private static void AttendInGroups(NetworkGenerator g)
    {
        var type = g.Choose(ElementType.Float32, ElementType.Float32, ElementType.Float16);
        int batch = g.Next(1, 2), kvHeads = g.Next(1, 2), heads = kvHeads * g.Next(1, 2), size = 16, past = g.Chance(0.5) ? g.Next(1, 3) : 0, length = past > 0 ? 1 : g.Next(1, 3);
        bool rotated = g.Chance(0.4);
        var op = new GroupQueryAttention { NumHeads = heads, KvNumHeads = kvHeads, DoRotary = rotated, RotaryInterleaved = g.Chance(0.5), LocalWindowSize = g.Chance(0.3) ? 2 : -1, Softcap = g.Chance(0.3) ? 0.7f : 0, SmoothSoftmax = g.Chance(0.3) };
        int total = past + length;
        Value Past() => g.Exactly(type, batch, kvHeads, past, size);
        Value?[] table = rotated ? [g.Between(-1, 1, type, 8, size / 2), g.Between(-1, 1, type, 8, size / 2)] : [];
        g.AddMany(op, 3, 3, [g.Exactly(type, batch, length, heads * size), g.Exactly(type, batch, length, kvHeads * size), g.Exactly(type, batch, length, kvHeads * size), Past(), Past(),
            g.Constant(Tensor.From<int>([batch], [.. Enumerable.Repeat(total - 1, batch)])), g.Constant(Tensor.Vector(total)), .. table]);
    }

    private static void AttendLinearly(NetworkGenerator g)
    {
        int kvHeads = g.Next(1, 2), heads = kvHeads * g.Next(1, 2), length = g.Next(1, 3), dk = g.Next(1, 3), dv = g.Next(1, 3);
        var op = new LinearAttention { QNumHeads = heads, KvNumHeads = kvHeads, UpdateRule = g.Choose(Enum.GetValues<LinearAttentionRule>()), Scale = g.Chance(0.5) ? 0.5f : 0 };
        var type = ElementType.Float32;
        g.AddMany(op, 2, 1, g.Exactly(type, 1, length, heads * dk), g.Exactly(type, 1, length, kvHeads * dk), g.Exactly(type, 1, length, kvHeads * dv), g.Chance(0.5) ? g.Exactly(type, 1, kvHeads, dk, dv) : null,
            op.IsGated ? g.Between(-1, 0, type, 1, length, kvHeads * g.Choose(1, dk)) : null, op.IsDelta ? g.Between(0, 1, type, 1, length, g.Choose(1, kvHeads)) : null);
    }

    private static void Rotate(NetworkGenerator g)
    {
        int batch = g.Next(1, 2), heads = g.Next(1, 2), s = g.Next(1, 3), h = 2 * g.Next(1, 3);
        bool flat = g.Chance(0.5), positions = g.Chance(0.5);
        var x = flat ? g.Exactly(ElementType.Float32, batch, s, heads * h) : g.Exactly(ElementType.Float32, batch, heads, s, h);
        int[] table = positions ? [8, h / 2] : [batch, s, h / 2];
        g.Add(new RotaryEmbedding { Interleaved = g.Chance(0.5), NumHeads = flat ? heads : 0 }, x, g.Between(-1, 1, ElementType.Float32, table), g.Between(-1, 1, ElementType.Float32, table),
            positions ? g.Indices(ElementType.Int64, 0, 7, batch, s) : null);
    }
}
