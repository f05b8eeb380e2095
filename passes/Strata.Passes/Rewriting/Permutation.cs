using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>How a Transpose orders dimensions: dimension i of its result is dimension <c>p[i]</c> of its operand.</summary>
internal sealed class Permutation(ImmutableArray<int> order) : IEquatable<Permutation>
{
    /// <summary>The number of dimensions.</summary>
    public int Rank => order.Length;

    /// <summary>The operand's dimension that becomes dimension <paramref name="axis"/>.</summary>
    public int this[int axis] => order[axis];

    /// <summary>The permutation that undoes this one.</summary>
    public Permutation Inverse => new([.. Enumerable.Range(0, Rank).Select(i => order.IndexOf(i))]);

    /// <summary>The permutation of a live Transpose whose operand has known rank, or null.</summary>
    public static Permutation? Of(Layer layer)
    {
        if (layer.Operator is not Transpose transpose || layer.Inputs[0]!.TensorType.Rank is not { } rank) return null;
        return new(transpose.Perm.IsEmpty ? [.. Enumerable.Range(0, rank).Reverse()] : [.. transpose.Perm.Select(p => (int)p)]);
    }

    /// <summary>The Transpose that orders so.</summary>
    public Transpose Operator => new() { Perm = [.. order.Select(p => (long)p)] };

    /// <summary>The type of the operand of a transposition whose result has a type.</summary>
    public TensorType Undo(TensorType type) => type with { Shape = Shape.Create([.. Enumerable.Range(0, Rank).Select(i => type.Shape![order.IndexOf(i)])]) };

    /// <inheritdoc/>
    public bool Equals(Permutation? other) => other is not null && order.AsSpan().SequenceEqual(other.Order.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Permutation);

    /// <inheritdoc/>
    public override int GetHashCode() => order.Aggregate(Rank, HashCode.Combine);

    private ImmutableArray<int> Order => order;
}
