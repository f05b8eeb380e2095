using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Joins each string of the first operand with one of the second, broadcast.</summary>
public sealed record StringConcat : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        for (int i = 0; i < 2; i++) context.Allow(i, "a string", static t => t == ElementType.String);
        context.Output(0, ElementType.String, context.Broadcast(context.Input(0).Shape, context.Input(1).Shape));
    }
}

/// <summary>
/// Splits each string. Outputs: the pieces along a new last dimension, padded with empty strings to the greatest number of
/// pieces; the number of pieces of each string, i64.
/// </summary>
public sealed record StringSplit : Operator
{
    /// <summary>What stands between pieces; empty for runs of white space, which at both ends separate nothing.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>Most splits, from the left, the last piece keeping the rest; null for no bound.</summary>
    public long? MaxSplit { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Delimiter = walker.Text("delimiter", Delimiter), MaxSplit = walker.OptionalInt("maxsplit", MaxSplit) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a string", static t => t == ElementType.String);
        var shape = context.Input(0).Shape;
        context.Output(0, ElementType.String, shape is null ? null : Shape.Create([.. shape, context.Fresh()]));
        context.Output(1, ElementType.Int64, shape);
    }
}

/// <summary>What <see cref="StringNormalizer"/> does to letters.</summary>
public enum CaseChange
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>To lower case.</summary>
    Lower,
    /// <summary>To upper case.</summary>
    Upper,
}

/// <summary>
/// Removes stop words from a list of strings (<c>[C]</c> or <c>[1, C]</c>) and changes the case of the others, by the invariant
/// culture whatever the locale. Where nothing is left, one empty string is.
/// </summary>
public sealed record StringNormalizer : Operator
{
    private static readonly ImmutableArray<string> CaseChangeNames = ["NONE", "LOWER", "UPPER"];

    /// <summary>What happens to letters.</summary>
    public CaseChange CaseChangeAction { get; init; }

    /// <summary>True when a stop word must have the same case.</summary>
    public bool IsCaseSensitive { get; init; }

    /// <summary>The language of the case rules, such as <c>en_US</c>; kept, not used.</summary>
    public string Locale { get; init; } = "";

    /// <summary>The strings to remove.</summary>
    public ImmutableArray<string> Stopwords { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        CaseChangeAction = (CaseChange)walker.Choice("case_change_action", (int)CaseChangeAction, CaseChangeNames),
        IsCaseSensitive = walker.Flag("is_case_sensitive", IsCaseSensitive),
        Locale = walker.Text("locale", Locale),
        Stopwords = walker.Texts("stopwords", Stopwords),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a string", static t => t == ElementType.String);
        var shape = context.Input(0).Shape;
        if (shape is not null && shape.Rank is not (1 or 2)) throw context.Fail($"the input must have rank 1 or 2, has shape {shape}");
        if (shape?.Rank == 2) context.Same(shape[0], 1, "the first dimension of a matrix must be 1");
        context.Output(0, ElementType.String, shape is null ? null : shape.Rank == 1 ? [context.Fresh()] : [1, context.Fresh()]);
    }
}

/// <summary>True where a regular expression (RE2 syntax) matches the whole string.</summary>
public sealed record RegexFullMatch : Operator
{
    /// <summary>The expression.</summary>
    public string Pattern { get; init; } = "";

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Pattern = walker.Text("pattern", Pattern) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a string", static t => t == ElementType.String);
        context.Output(0, ElementType.Bool, context.Input(0).Shape);
    }
}
