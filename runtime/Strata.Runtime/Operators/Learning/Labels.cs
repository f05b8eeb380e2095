using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Replaces each element by the value that stands where the element stands among the keys, or by a default. Of equal keys the last counts; NaN equals NaN.</summary>
public sealed record LabelEncoder : Operator
{
    /// <summary>The keys, rank 1, of the operand's type.</summary>
    public Constant? Keys { get; init; }

    /// <summary>The values, as many as keys.</summary>
    public Constant? Values { get; init; }

    /// <summary>What an element without a key becomes: one element of the values' type; 0 or "_Unused" when absent.</summary>
    public Constant? Default { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Keys = walker.Tensor("keys_tensor", Keys),
        Values = walker.Tensor("values_tensor", Values),
        Default = walker.Tensor("default_tensor", Default),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        if (Keys is null || Values is null) throw context.Fail("keys and values must be given");
        if (Keys.Count != Values.Count) throw context.Fail($"{Keys.Count} keys are given for {Values.Count} values");
        if (Default is { } rest && (rest.Count != 1 || rest.Type.ElementType != Values.Type.ElementType)) throw context.Fail($"the default must be one element of {Values.Type.ElementType.Name()}, is {rest.Type}");
        context.Allow(0, $"{Keys.Type.ElementType.Name()}, the type of the keys", t => t == Keys.Type.ElementType);
        context.Output(0, Values.Type.ElementType, context.Input(0).Shape);
    }
}

/// <summary>A map from class labels to scores for each row of an f32 matrix <c>[N, E]</c>, as a sequence; a vector is one row.</summary>
public sealed record ZipMap : Operator
{
    /// <summary>The labels as strings; empty when they are integers.</summary>
    public ImmutableArray<string> Strings { get; init; } = [];

    /// <summary>The labels as integers; empty when they are strings.</summary>
    public ImmutableArray<long> Int64s { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Strings = walker.Texts("classlabels_strings", Strings),
        Int64s = walker.Ints("classlabels_int64s", Int64s),
    };

    /// <summary>The labels as a tensor.</summary>
    internal Tensor Labels => Strings.IsEmpty ? Tensor.Vector(Int64s.AsSpan()) : Tensor.FromStrings([Strings.Length], [.. Strings]);

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "f32", static t => t == ElementType.Float32);
        if (Strings.IsEmpty == Int64s.IsEmpty) throw context.Fail("either classlabels_strings or classlabels_int64s must be given");
        if (context.Input(0).Shape is { } shape)
        {
            if (shape.Rank is not (1 or 2)) throw context.Fail($"the scores must have rank 1 or 2, are {shape}");
            context.Same(shape[shape.Rank - 1], Labels.Count, "there must be one score per label");
        }
        context.Output(0, new SequenceType(new MapType(Labels.ElementType, new TensorType(ElementType.Float32, Shape.Scalar))));
    }
}

/// <summary>The values of a map in the order of a vocabulary: <c>[1, C]</c>, zero (an empty string) for what the map does not hold.</summary>
public sealed record DictVectorizer : Operator
{
    /// <summary>The vocabulary of string keys; empty when keys are integers.</summary>
    public ImmutableArray<string> Strings { get; init; } = [];

    /// <summary>The vocabulary of integer keys; empty when keys are strings.</summary>
    public ImmutableArray<long> Int64s { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Strings = walker.Texts("string_vocabulary", Strings),
        Int64s = walker.Ints("int64_vocabulary", Int64s),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        if (Strings.IsEmpty == Int64s.IsEmpty) throw context.Fail("either string_vocabulary or int64_vocabulary must be given");
        var wanted = Strings.IsEmpty ? ElementType.Int64 : ElementType.String;
        if (context.Type(0) is not MapType { Value: TensorType value } map || map.Key != wanted) throw context.Fail($"the operand must be a map from {wanted.Name()} to numbers or strings, is {context.Type(0)}");
        context.Output(0, value.ElementType, [1, Math.Max(Strings.Length, Int64s.Length)]);
    }
}

/// <summary>The values of a map with integer keys as a tensor <c>[1, C]</c>: in order of their keys, or each at the place of its key with zeros (empty strings) between.</summary>
public sealed record CastMap : Operator
{
    private static readonly ImmutableArray<string> TypeNames = ["TO_FLOAT", "TO_STRING", "TO_INT64"], FormNames = ["DENSE", "SPARSE"];
    private static readonly ImmutableArray<ElementType> Types = [ElementType.Float32, ElementType.String, ElementType.Int64];

    /// <summary>The result's element type: f32, str or i64.</summary>
    public ElementType To { get; init; } = ElementType.Float32;

    /// <summary>True puts each value at the place of its key.</summary>
    public bool Sparse { get; init; }

    /// <summary>The extent of a sparse result.</summary>
    public long Length { get; init; } = 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        To = Types[walker.Choice("cast_to", Types.IndexOf(To), TypeNames)],
        Sparse = walker.Choice("map_form", Sparse ? 1 : 0, FormNames) == 1,
        Length = walker.Int("max_map", Length),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        if (context.Type(0) is not MapType { Key: ElementType.Int64, Value: TensorType }) throw context.Fail($"the operand must be a map from i64 to numbers or strings, is {context.Type(0)}");
        if (Length is < 0 or > int.MaxValue) throw context.Fail($"max_map is {Length}; allowed are 0 to {int.MaxValue}");
        context.Output(0, To, [1, Sparse ? Length : context.Fresh()]);
    }
}
