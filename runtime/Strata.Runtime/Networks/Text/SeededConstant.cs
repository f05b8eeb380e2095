using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>Values drawn from a seed, in place of a constant that is not at hand: reals in [−1, 1), integers in [−8, 8) or [0, 8).</summary>
internal sealed class SeededConstant(TensorType type, ulong seed) : Constant(type)
{
    protected override Tensor Load()
    {
        var elementType = Type.ElementType;
        ulong state = seed;
        if (elementType == ElementType.String)
        {
            var strings = new string[Count];
            for (int i = 0; i < strings.Length; i++) strings[i] = $"s{Next() & 15}";
            return Tensor.FromStrings(Dims, strings);
        }
        var values = new double[Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = elementType.Kind() switch
            {
                ElementKind.Signed => Math.Max((long)(Next() & 15) - 8, -(1L << (elementType.Bits() - 1))),
                ElementKind.Unsigned => Next() & (elementType.Bits() == 2 ? 3u : 7u),
                ElementKind.Bool => Next() & 1,
                _ => (Next() >> 40) / (double)(1 << 23) - 1,
            };
        }
        return Tensor.FromDoubles(elementType, Dims, values, saturate: true);

        // SplitMix64 (Steele, Lea, Flood 2014): the same values on every machine and .NET version.
        ulong Next()
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
