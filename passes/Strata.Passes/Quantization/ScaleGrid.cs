using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// The scales that quantisation chooses from: <c>(2^ρ + q mod 2^ρ) · 2^(⌊q / 2^ρ⌋ − ρ)</c> for integers q, that is floats with ρ
/// bits of mantissa, 2^ρ to an octave. Few bits of a scale cost little accuracy and code short. The formula of quantisation
/// parameters in ISO/IEC 15938-17 (neural network coding).
/// </summary>
internal readonly struct ScaleGrid(int mantissaBits, ElementType type)
{
    // The exponents of normal numbers of the type that holds the scales.
    private readonly (int Low, int High) exponents = type == ElementType.Float16 ? (-14, 15) : (-126, 127);

    /// <summary>Scales to an octave.</summary>
    public int StepsPerOctave => 1 << mantissaBits;

    /// <summary>The scale of an index, which is brought within the range of the type.</summary>
    public float this[int index]
    {
        get
        {
            index = Math.Clamp(index, exponents.Low << mantissaBits, ((exponents.High + 1) << mantissaBits) - 1);
            return MathF.ScaleB(StepsPerOctave + (index & (StepsPerOctave - 1)), (index >> mantissaBits) - mantissaBits);
        }
    }

    /// <summary>The index of the least scale that is at least <paramref name="value"/> &gt; 0, the range of the type apart.</summary>
    public int IndexOfAtLeast(float value)
    {
        int exponent = MathF.ILogB(value);
        double mantissa = Math.ScaleB(value, -exponent); // in [1, 2)
        return (exponent << mantissaBits) + (int)Math.Ceiling((mantissa - 1) * StepsPerOctave);
    }
}
