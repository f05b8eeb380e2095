using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Causal attention of grouped heads with a cache whose rows are filled to different lengths (com.microsoft). Queries
/// <c>[B, S, Nq·H]</c>, keys and values <c>[B, S, Nk·H]</c> (or all three side by side in the first operand), past keys and values
/// <c>[B, Nk, P, H]</c>, last key positions i32 <c>[B]</c>, greatest total length i32; then optionally cosines and sines
/// <c>[positions, R/2]</c>, position numbers i64 <c>[B, S]</c>, an addend of the scores <c>[B or 1, Nq or 1, S, T]</c>, and a sink per head
/// <c>[Nq]</c>, which takes part in softmax without a value. Outputs: <c>[B, S, Nq·H]</c>, present keys and values
/// <c>[B, Nk, max(P, T), H]</c> with the new ones right after the past ones of each row.
/// </summary>
public sealed record GroupQueryAttention : Operator
{
    /// <summary>False to let queries attend to later keys too.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>True to rotate queries and new keys by their positions.</summary>
    public bool DoRotary { get; init; }

    /// <summary>Nk, which divides Nq.</summary>
    public long KvNumHeads { get; init; }

    /// <summary>How many keys a query attends to, its own included; −1: all.</summary>
    public long LocalWindowSize { get; init; } = -1;

    /// <summary>Nq.</summary>
    public long NumHeads { get; init; }

    /// <summary>Rotated pairs are neighbours, instead of one element from each half.</summary>
    public bool RotaryInterleaved { get; init; }

    /// <summary>Factor of the products; 0: 1/√H.</summary>
    public float Scale { get; init; }

    /// <summary>True for a sink of 0 in each head.</summary>
    public bool SmoothSoftmax { get; init; }

    /// <summary>Bounds scores s to <c>cap · tanh(s / cap)</c>; 0: no bound.</summary>
    public float Softcap { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Causal = walker.Flag("causal", Causal),
        DoRotary = walker.Flag("do_rotary", DoRotary),
        KvNumHeads = walker.Int("kv_num_heads", KvNumHeads),
        LocalWindowSize = walker.Int("local_window_size", LocalWindowSize),
        NumHeads = walker.Int("num_heads", NumHeads),
        RotaryInterleaved = walker.Flag("rotary_interleaved", RotaryInterleaved),
        Scale = walker.Float("scale", Scale),
        SmoothSoftmax = walker.Flag("smooth_softmax", SmoothSoftmax),
        Softcap = walker.Float("softcap", Softcap),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (context.InputCount is < 7 or > 12) throw context.Fail($"{context.InputCount} inputs given, 7 to 12 are allowed");
        if (KvNumHeads < 1 || NumHeads is < 1 or > Attention.MostHeads || NumHeads % KvNumHeads != 0) throw context.Fail($"kv_num_heads must divide num_heads, at most {Attention.MostHeads}; they are {KvNumHeads} and {NumHeads}");
        if (LocalWindowSize is < -1 or 0 || LocalWindowSize > 0 && !Causal) throw context.Fail($"local_window_size is {LocalWindowSize}; allowed is −1, and from 1 on with causal");
        if (!(Softcap >= 0)) throw context.Fail($"softcap must not be negative, is {Softcap}");
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var type = context.Input(0).ElementType;
        foreach (int i in new[] { 1, 2, 3, 4, 7, 8, 10, 11 })
        {
            if (context.Has(i)) context.Allow(i, type.Name(), t => t == type);
        }
        context.Allow(5, "i32", static t => t == ElementType.Int32);
        context.Allow(6, "i32", static t => t == ElementType.Int32);
        if (context.Has(9)) context.Allow(9, "i64", static t => t == ElementType.Int64);
        if (context.Has(1) != context.Has(2)) throw context.Fail("keys and values go together");
        if (context.Has(3) != context.Has(4)) throw context.Fail("past keys and past values go together");
        if (DoRotary && !(context.Has(7) && context.Has(8))) throw context.Fail("do_rotary needs cosines and sines");

        var q = context.Input(0).Shape ?? context.FreshShape(3);
        if (q.Rank != 3) throw context.Fail($"queries must have rank 3, are {q}");
        long parts = context.Has(1) ? NumHeads : NumHeads + 2 * KvNumHeads;
        if (q[2].Constant is { } hidden && hidden % parts != 0) throw context.Fail($"{parts} heads must divide the last dimension of the queries, {hidden}");
        Dim size = Dim.FloorDiv(q[2], parts);
        Dim total = context.Contents(6) is [var given] ? given : context.Fresh();
        if (context.Has(3)) total = context.Input(3).Shape is { Rank: 4 } past ? Dim.Max(past[2], total) : context.Fresh();
        context.Output(0, type, [q[0], q[1], size * NumHeads]);
        context.Output(1, type, [q[0], KvNumHeads, total, size]);
        context.Output(2, type, [q[0], KvNumHeads, total, size]);
    }
}
