using Strata.Networks;

namespace Strata.Operators;

/// <summary>The narrowest type that covers two: what differs becomes a fresh dimension or an unknown rank.</summary>
internal static class TypeUnion
{
    /// <summary>Unites the types of a value that two paths may give.</summary>
    /// <exception cref="InvalidNetworkException">The kinds or element types differ.</exception>
    public static NetworkType Of(InferenceContext context, NetworkType a, NetworkType b) =>
        Of(a, b, (x, y) => x.Equals(y) ? x : context.Fresh()) ?? throw context.Fail($"the two paths give different types: {a} and {b}");

    /// <summary>Unites two types; null when their kinds or element types differ. <paramref name="unite"/> gives the dimension that covers two.</summary>
    public static NetworkType? Of(NetworkType a, NetworkType b, Func<Dim, Dim, Dim> unite) => (a, b) switch
    {
        _ when a.Equals(b) => a,
        (TensorType x, TensorType y) when x.ElementType == y.ElementType =>
            new TensorType(x.ElementType, Of(x.Shape, y.Shape, unite), Equals(x.Quantization, y.Quantization) ? x.Quantization : null),
        (SequenceType x, SequenceType y) => Of(x.Element, y.Element, unite) is { } element ? new SequenceType(element) : null,
        (OptionalType x, OptionalType y) => Of(x.Element, y.Element, unite) is { } element ? new OptionalType(element) : null,
        // The value of a present optional may stand for the optional.
        (OptionalType x, not OptionalType) => Of(x.Element, b, unite) is { } element ? new OptionalType(element) : null,
        (not OptionalType, OptionalType y) => Of(a, y.Element, unite) is { } element ? new OptionalType(element) : null,
        _ => null,
    };

    private static Shape? Of(Shape? a, Shape? b, Func<Dim, Dim, Dim> unite)
    {
        if (a is null || b is null || a.Rank != b.Rank) return null;
        var dims = new Dim[a.Rank];
        for (int i = 0; i < dims.Length; i++) dims[i] = unite(a[i], b[i]);
        return Shape.Create(dims);
    }
}
