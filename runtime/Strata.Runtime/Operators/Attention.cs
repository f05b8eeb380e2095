using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>What the fourth output of <see cref="Attention"/> holds.</summary>
public enum AttentionScores
{
    /// <summary>Scaled products of queries and keys.</summary>
    Raw,
    /// <summary>After the soft cap.</summary>
    Capped,
    /// <summary>After soft cap and masks.</summary>
    Biased,
    /// <summary>After softmax, stretched and clipped where it is.</summary>
    Probabilities,
}

/// <summary>
/// Scaled dot product attention: <c>softmax(cap(scale · q · kᵀ) + mask) · v</c> per head. Queries <c>[B, Nq, S, H]</c>, keys
/// <c>[B, Nk, L, H]</c>, values <c>[B, Nk, L, Hv]</c>, or all of rank 3 with heads side by side <c>[B, S, Nq·H]</c>; Nk divides
/// Nq. Optional operands: mask (bool: may attend; number: added) that broadcasts to <c>[B, Nq, S, T]</c> and may end early,
/// past keys <c>[B, Nk, P, H]</c> and values, valid keys per batch row i64 <c>[B]</c>. T = P + L. A query that may attend to
/// nothing gives zeros. Outputs: y in the queries' rank, present keys, present values, scores <c>[B, Nq, S, T]</c>.
/// </summary>
public sealed record Attention : Operator
{
    /// <summary>Bound of head counts, so that empty heads cannot be without number.</summary>
    internal const int MostHeads = 1 << 16;

    /// <summary>Query i attends to keys up to i + offset; the offset is P, or valid keys − S, or 0.</summary>
    public bool IsCausal { get; init; }

    /// <summary>Heads of keys and values; needed for operands of rank 3.</summary>
    public long? KvNumHeads { get; init; }

    /// <summary>How many keys before position i + offset a query attends to; −1: all.</summary>
    public long LeftWindowSize { get; init; } = -1;

    /// <summary>Heads of queries; needed for operands of rank 3.</summary>
    public long? QNumHeads { get; init; }

    /// <summary>Contents of the fourth output.</summary>
    public AttentionScores QkMatmulOutputMode { get; init; }

    /// <summary>How many keys after position i + offset a query attends to; −1: all.</summary>
    public long RightWindowSize { get; init; } = -1;

    /// <summary>Factor of the products; null: 1/√H.</summary>
    public float? Scale { get; init; }

    /// <summary>Bounds scores s to <c>cap · tanh(s / cap)</c>; 0: no bound.</summary>
    public float Softcap { get; init; }

    /// <summary>The least precise type in which softmax may be computed; null: that of the queries.</summary>
    public ElementType? SoftmaxPrecision { get; init; }

    /// <summary>
    /// Clipped softmax: low ≤ 0 and high ≥ 1; a probability p becomes <c>clip((high − low) · p + low, 0, 1)</c>. Empty: it stays.
    /// Bondarenko et al., <i>Quantizable Transformers</i>, 2023.
    /// </summary>
    public ImmutableArray<float> Stretch { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        IsCausal = walker.Flag("is_causal", IsCausal),
        KvNumHeads = walker.OptionalInt("kv_num_heads", KvNumHeads),
        LeftWindowSize = walker.Int("left_window_size", LeftWindowSize),
        QNumHeads = walker.OptionalInt("q_num_heads", QNumHeads),
        QkMatmulOutputMode = (AttentionScores)walker.Int("qk_matmul_output_mode", (long)QkMatmulOutputMode),
        RightWindowSize = walker.Int("right_window_size", RightWindowSize),
        Scale = walker.OptionalFloat("scale", Scale),
        Softcap = walker.Float("softcap", Softcap),
        SoftmaxPrecision = walker.Type("softmax_precision", SoftmaxPrecision),
        Stretch = walker.Floats("stretch", Stretch, since: 3),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 7);
        CheckAttributes(context);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        ElementType type = context.Input(0).ElementType, valueType = context.Input(2).ElementType;
        context.Allow(1, type.Name(), t => t == type);
        context.Allow(2, "floating point", ElementTypes.IsFloat);
        if (context.Has(4) != context.Has(5)) throw context.Fail("past keys and past values go together");
        if (context.Has(6) && context.Has(4)) throw context.Fail("past keys and the number of valid keys exclude each other");
        if (context.Has(6)) context.Allow(6, "i64", static t => t == ElementType.Int64);
        int? rank = context.Input(0).Rank;
        if (rank is not null and not 3 and not 4) throw context.Fail($"queries must have rank 3 or 4, have {rank}");
        if (context.Input(1).Rank is { } rankK && rank is not null && rankK != rank || context.Input(2).Rank is { } rankV && rank is not null && rankV != rank) throw context.Fail("queries, keys and values must have one rank");

        Shape q = ByHead(context, 0, QNumHeads), k = ByHead(context, 1, KvNumHeads), v = ByHead(context, 2, KvNumHeads);
        var batch = context.Same(q[0], k[0], "queries and keys must have the same batch size");
        context.Same(k[0], v[0], "keys and values must have the same batch size");
        context.Same(q[3], k[3], "queries and keys must have the same head size");
        context.Same(k[2], v[2], "keys and values must have the same length");
        if (q[1].Constant is { } heads && k[1].Constant is { } shared && (shared == 0 || heads % shared != 0)) throw context.Fail($"{shared} key heads must divide {heads} query heads");
        Dim total = k[2];
        if (context.Has(4))
        {
            total = context.Input(4).Shape is { Rank: 4 } past ? past[2] + k[2] : context.Fresh();
            context.Allow(4, type.Name(), t => t == type);
            context.Allow(5, valueType.Name(), t => t == valueType);
        }
        context.Output(0, type, rank switch { 4 => Shape.Create(batch, q[1], q[2], v[3]), 3 => Shape.Create(batch, q[2], q[1] * v[3]), _ => null });
        context.Output(1, type, [batch, k[1], total, k[3]]);
        context.Output(2, valueType, [batch, k[1], total, v[3]]);
        context.Output(3, type, [batch, q[1], q[2], total]);
    }

    private void CheckAttributes(InferenceContext context)
    {
        if (QNumHeads is < 1 or > MostHeads || KvNumHeads is < 1 or > MostHeads) throw context.Fail($"q_num_heads and kv_num_heads must be from 1 to {MostHeads}, are {QNumHeads} and {KvNumHeads}");
        if (LeftWindowSize < -1 || RightWindowSize < -1) throw context.Fail($"left_window_size and right_window_size must be −1 or more, are {LeftWindowSize} and {RightWindowSize}");
        if (!Enum.IsDefined(QkMatmulOutputMode)) throw context.Fail($"qk_matmul_output_mode is {(int)QkMatmulOutputMode}, allowed are 0 to 3");
        if (!(Softcap >= 0)) throw context.Fail($"softcap must not be negative, is {Softcap}");
        if (!Stretch.IsEmpty && Stretch is not [<= 0 and > float.NegativeInfinity, >= 1 and < float.PositiveInfinity]) throw context.Fail($"stretch must be a finite number of at most 0 and one of at least 1, is [{string.Join(", ", Stretch)}]");
        if (SoftmaxPrecision is not (null or ElementType.Float32 or ElementType.Float16 or ElementType.Float64 or ElementType.BFloat16)) throw context.Fail($"softmax_precision is {SoftmaxPrecision}, allowed are f32, f16, f64, bf16");
    }

    // [B, N, S, H]
    private static Shape ByHead(InferenceContext context, int index, long? heads)
    {
        if (context.Input(index).Shape is not { } shape) return context.FreshShape(4);
        if (shape.Rank == 4) return shape;
        if (heads is not { } count) throw context.Fail("operands of rank 3 need q_num_heads and kv_num_heads");
        if (shape[2].Constant is { } hidden && hidden % count != 0) throw context.Fail($"{count} heads must divide the last dimension of input {index}, {hidden}");
        return [shape[0], count, shape[1], Dim.FloorDiv(shape[2], count)];
    }
}
