using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>Rows and columns of a constant matrix by which rows of inputs are multiplied: <c>[inputs, outputs]</c>.</summary>
/// <param name="Source">The constant: <c>[inputs, outputs]</c>, or <c>[outputs, inputs]</c> where transposed.</param>
/// <param name="IsTransposed">True when the constant lies the other way.</param>
/// <param name="Rows">The inputs that take part: first and number.</param>
/// <param name="Columns">The outputs that take part: first and number.</param>
/// <param name="Factor">A number that multiplies the whole.</param>
internal sealed record WeightBlock(Constant Source, bool IsTransposed, (long First, long Count) Rows, (long First, long Count) Columns, float Factor)
{
    /// <summary>All of a matrix.</summary>
    public static WeightBlock Of(Constant matrix, bool isTransposed, float factor) =>
        new(matrix, isTransposed, (0, matrix.Dims[isTransposed ? 1 : 0]), (0, matrix.Dims[isTransposed ? 0 : 1]), factor);

    /// <summary>Some of the inputs.</summary>
    public WeightBlock TakeRows(long first, long count) => this with { Rows = (Rows.First + first, count) };

    /// <summary>Some of the outputs.</summary>
    public WeightBlock TakeColumns(long first, long count) => this with { Columns = (Columns.First + first, count) };

    /// <summary>True when both hold the same numbers; constants of equal content count as one.</summary>
    public bool IsSame(WeightBlock? other) => other is not null && this with { Source = other.Source } == other && AreSame(Source, other.Source);

    /// <summary>The block as <c>[outputs, inputs]</c>.</summary>
    public Constant ToConstant()
    {
        var (rows, columns) = IsTransposed ? (Columns, Rows) : (Rows, Columns);
        var block = Source;
        if (rows != (0, Source.Dims[0]) || columns != (0, Source.Dims[1]))
            block = ConstantExpressions.Apply(new Slice(), block, Ints(rows.First, columns.First), Ints(rows.First + rows.Count, columns.First + columns.Count), Ints(0, 1));
        if (!IsTransposed) block = ConstantExpressions.Apply(new Transpose { Perm = [1, 0] }, block);
        return Factor == 1 ? block : ConstantExpressions.Apply(new Mul(), block, Affine.Filled(Source.Type.ElementType, Factor));
    }

    /// <summary>True for one constant, and for two of equal type and content.</summary>
    internal static bool AreSame(Constant a, Constant b) => ReferenceEquals(a, b) || a.Type.Equals(b.Type) && a.Hash == b.Hash;

    internal static Constant Ints(params ReadOnlySpan<long> elements) => Constant.Of(Tensor.Vector(elements));
}

/// <summary>Elements of a constant that are added to all rows: consecutive ones, or one for all.</summary>
/// <param name="Source">The constant.</param>
/// <param name="First">The first element.</param>
/// <param name="Count">The number of outputs.</param>
/// <param name="Factor">A number that multiplies them.</param>
internal sealed record BiasBlock(Constant Source, long First, long Count, float Factor)
{
    /// <summary>The elements.</summary>
    public double[] ToDoubles()
    {
        var elements = Source.Materialize().ToDoubles();
        return [.. Enumerable.Range(0, (int)Count).Select(i => Factor * (Source.Count == 1 ? elements[0] : elements[First + i]))];
    }
}
