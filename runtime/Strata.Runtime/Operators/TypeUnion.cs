using Strata.Networks;

namespace Strata.Operators;

/// <summary>The narrowest type that covers two: what differs becomes a fresh dimension or an unknown rank.</summary>
internal static class TypeUnion
{
    /// <summary>Unites the types of a value that two paths may give.</summary>
    /// <exception cref="InvalidNetworkException">The kinds or element types differ.</exception>
    public static NetworkType Of(InferenceContext context, NetworkType a, NetworkType b) => (a, b) switch
    {
        _ when a.Equals(b) => a,
        (TensorType x, TensorType y) when x.ElementType == y.ElementType =>
            new TensorType(x.ElementType, Of(context, x.Shape, y.Shape), Equals(x.Quantization, y.Quantization) ? x.Quantization : null),
        (SequenceType x, SequenceType y) => new SequenceType(Of(context, x.Element, y.Element)),
        (OptionalType x, OptionalType y) => new OptionalType(Of(context, x.Element, y.Element)),
        _ => throw context.Fail($"the two paths give different types: {a} and {b}"),
    };

    private static Shape? Of(InferenceContext context, Shape? a, Shape? b)
    {
        if (a is null || b is null || a.Rank != b.Rank) return null;
        var dims = new Dim[a.Rank];
        for (int i = 0; i < dims.Length; i++) dims[i] = a[i].Equals(b[i]) ? a[i] : context.Fresh();
        return Shape.Create(dims);
    }
}
