using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How the state of <see cref="LinearAttention"/> takes up a key and its value.</summary>
public enum LinearAttentionRule
{
    /// <summary><c>S + k ⊗ v</c>.</summary>
    Linear,
    /// <summary><c>exp(g) · S + k ⊗ v</c>.</summary>
    Gated,
    /// <summary><c>S + β · k ⊗ (v − Sᵀk)</c>.</summary>
    Delta,
    /// <summary>As delta, on a state multiplied by <c>exp(g)</c> before.</summary>
    GatedDelta,
}

/// <summary>
/// A recurrence over tokens with a matrix S <c>[Dk, Dv]</c> per key head as state; a query reads <c>scale · Sᵀq</c> after the
/// update. Queries <c>[B, T, Nq·Dk]</c>, keys <c>[B, T, Nk·Dk]</c>, values <c>[B, T, Nk·Dv]</c>, optional past state
/// <c>[B, Nk, Dk, Dv]</c>, log decay g <c>[B, T, Nk]</c> or <c>[B, T, Nk·Dk]</c> for the gated rules, rate β <c>[B, T, Nk]</c> or
/// <c>[B, T, 1]</c> for the delta rules. Outputs: <c>[B, T, Nq·Dv]</c> and the present state.
/// </summary>
public sealed record LinearAttention : Operator
{
    private static readonly ImmutableArray<string> RuleNames = ["linear", "gated", "delta", "gated_delta"];

    /// <summary>A hint for implementations that work in chunks; has no effect on results.</summary>
    public long ChunkSize { get; init; } = 64;

    /// <summary>Nk, which divides Nq.</summary>
    public long KvNumHeads { get; init; }

    /// <summary>Nq.</summary>
    public long QNumHeads { get; init; }

    /// <summary>Factor of what is read; 0: 1/√Dk.</summary>
    public float Scale { get; init; }

    /// <summary>How the state is updated.</summary>
    public LinearAttentionRule UpdateRule { get; init; } = LinearAttentionRule.GatedDelta;

    /// <summary>True for the rules with decay.</summary>
    public bool IsGated => UpdateRule is LinearAttentionRule.Gated or LinearAttentionRule.GatedDelta;

    /// <summary>True for the rules with a rate.</summary>
    public bool IsDelta => UpdateRule is LinearAttentionRule.Delta or LinearAttentionRule.GatedDelta;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        ChunkSize = walker.Int("chunk_size", ChunkSize),
        KvNumHeads = walker.Int("kv_num_heads", KvNumHeads),
        QNumHeads = walker.Int("q_num_heads", QNumHeads),
        Scale = walker.Float("scale", Scale),
        UpdateRule = (LinearAttentionRule)walker.Choice("update_rule", (int)UpdateRule, RuleNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 6);
        if (KvNumHeads < 1 || QNumHeads is < 1 or > Attention.MostHeads || QNumHeads % KvNumHeads != 0) throw context.Fail($"kv_num_heads must divide q_num_heads, at most {Attention.MostHeads}; they are {KvNumHeads} and {QNumHeads}");
        if (context.Has(4) != IsGated) throw context.Fail($"update_rule '{RuleNames[(int)UpdateRule]}' {(IsGated ? "needs" : "forbids")} a decay");
        if (context.Has(5) != IsDelta) throw context.Fail($"update_rule '{RuleNames[(int)UpdateRule]}' {(IsDelta ? "needs" : "forbids")} a rate");
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        var type = context.Input(0).ElementType;
        foreach (int i in new[] { 1, 2, 4, 5 })
        {
            if (context.Has(i)) context.Allow(i, type.Name(), t => t == type);
        }
        if (context.Has(3)) context.Allow(3, "floating point", ElementTypes.IsFloat);
        Shape q = Packed(context, 0), k = Packed(context, 1), v = Packed(context, 2);
        foreach (var other in new[] { k, v })
        {
            context.Same(q[0], other[0], "queries, keys and values must have one batch size");
            context.Same(q[1], other[1], "queries, keys and values must have one length");
        }
        Dim keySize = Dim.FloorDiv(k[2], KvNumHeads), valueSize = Dim.FloorDiv(v[2], KvNumHeads);
        context.Same(q[2], keySize * QNumHeads, "queries and keys must have one head size");
        context.Output(0, type, [q[0], q[1], valueSize * QNumHeads]);
        context.Output(1, context.Has(3) ? context.Input(3).ElementType : type, [q[0], KvNumHeads, keySize, valueSize]);
    }

    private static Shape Packed(InferenceContext context, int index)
    {
        var shape = context.Input(index).Shape ?? context.FreshShape(3);
        return shape.Rank == 3 ? shape : throw context.Fail($"input {index} must have rank 3, is {shape}");
    }
}
