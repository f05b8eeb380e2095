namespace Strata.Networks;

/// <summary>Joins what two sources know of one value.</summary>
internal static class TypeRefinement
{
    /// <summary>The stated type with each part replaced that <paramref name="inferred"/> knows better; where they contradict each other, the stated one.</summary>
    public static NetworkType Refine(NetworkType stated, NetworkType inferred) => (stated, inferred) switch
    {
        (TensorType a, TensorType b) when NetworkVerifier.Compatible(a, b) => a with { Shape = Refine(a.Shape, b.Shape), Quantization = a.Quantization ?? b.Quantization },
        (SequenceType a, SequenceType b) => new SequenceType(Refine(a.Element, b.Element)),
        (OptionalType a, OptionalType b) => new OptionalType(Refine(a.Element, b.Element)),
        (MapType a, MapType b) when a.Key == b.Key => new MapType(a.Key, Refine(a.Value, b.Value)),
        _ => stated,
    };

    private static Shape? Refine(Shape? stated, Shape? inferred)
    {
        if (stated is null || inferred is null) return stated ?? inferred;
        for (int d = 0; d < stated.Rank; d++)
        {
            if (Knowledge(inferred[d]) > Knowledge(stated[d])) stated = stated.With(d, inferred[d]);
        }
        return stated;
    }

    /// <summary>How much is known of a dimension: 2 for a number, 1 for a formula over named symbols, 0 where only a run tells.</summary>
    public static int Knowledge(Dim dim) => dim.Constant is not null ? 2 : dim.IsRunTime ? 0 : 1;
}
