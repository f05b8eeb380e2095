using Strata.Networks;

namespace Strata.Passes;

/// <summary>Which type may stand for which.</summary>
public static class Knowledge
{
    /// <summary>
    /// True when a value of type <paramref name="replacement"/> may stand for one of type <paramref name="original"/>: the types
    /// are compatible, quantised alike, and nothing known is forgotten (a rank, a number, a named symbol).
    /// </summary>
    public static bool CanReplace(NetworkType original, NetworkType replacement) => NetworkVerifier.Compatible(original, replacement) && Keeps(original, replacement);

    private static bool Keeps(NetworkType original, NetworkType replacement) => (original, replacement) switch
    {
        (TensorType a, TensorType b) => Equals(a.Quantization, b.Quantization) && Keeps(a.Shape, b.Shape),
        (SequenceType a, SequenceType b) => Keeps(a.Element, b.Element),
        (OptionalType a, OptionalType b) => Keeps(a.Element, b.Element),
        (MapType a, MapType b) => Keeps(a.Value, b.Value),
        _ => false,
    };

    private static bool Keeps(Shape? original, Shape? replacement) => original is null
        || replacement is not null && original.Zip(replacement).All(p => Rank(p.Second) >= Rank(p.First));

    // A number says most, a run-time symbol least.
    private static int Rank(Dim dim) => dim.Constant is not null ? 2 : dim.IsRunTime ? 0 : 1;
}
