using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Strata.Networks;

/// <summary>The dimensions of a tensor type, outermost first. Compared by value.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IEquatable<Shape>, IReadOnlyList<Dim>
{
    private readonly ImmutableArray<Dim> dims;

    private Shape(ImmutableArray<Dim> dims) => this.dims = dims;

    /// <summary>The shape of a scalar.</summary>
    public static Shape Scalar { get; } = new([]);

    /// <summary>Creates a shape from dimensions.</summary>
    /// <exception cref="ResourceLimitException">The rank exceeds <see cref="Limits.Rank"/>.</exception>
    public static Shape Create(params ReadOnlySpan<Dim> dims) => dims.Length <= Limits.Rank
        ? new([.. dims])
        : throw new ResourceLimitException($"rank {dims.Length} exceeds {Limits.Rank}");

    /// <summary>Creates a constant shape.</summary>
    public static Shape Of(params ReadOnlySpan<int> dims)
    {
        var result = new Dim[dims.Length];
        for (int i = 0; i < dims.Length; i++) result[i] = Dim.Of(dims[i]);
        return Create(result);
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => dims.Length;

    int IReadOnlyCollection<Dim>.Count => dims.Length;

    /// <summary>One dimension.</summary>
    /// <exception cref="InvalidNetworkException">There are not so many.</exception>
    public Dim this[int index] => (uint)index < (uint)dims.Length ? dims[index] : throw new InvalidNetworkException($"{this} has {Rank} dimensions; one is asked for at {index}");

    /// <summary>The dimensions.</summary>
    public ImmutableArray<Dim> Dims => dims;

    /// <summary>The number of elements.</summary>
    public Dim Count => dims.Aggregate(Dim.One, static (product, dim) => product * dim);

    /// <summary>The dimensions as numbers, or null when one is symbolic or beyond 31 bits.</summary>
    public int[]? Constant => dims.All(d => d.Constant is >= 0 and <= int.MaxValue) ? [.. dims.Select(d => (int)d.Constant!.Value)] : null;

    /// <summary>The shape with one dimension replaced.</summary>
    public Shape With(int index, Dim dim) => new(dims.SetItem(index, dim));

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && dims.AsSpan().SequenceEqual(other.dims.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => dims.Aggregate(dims.Length, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => ((IEnumerable<Dim>)dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The dimensions in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", dims)}]";
}
