using System.Numerics;

namespace Strata.Tensors;

/// <summary>
/// A binary floating-point format of at most 16 bits: sign, exponent, mantissa, and what its extreme codes mean.
/// One parametrised encoder and decoder serves every format that .NET lacks.
/// Sources: IEEE 754-2019 §3.4; OCP OFP8 and Microscaling (MX) v1.0; arXiv 2206.02915 for the FNUZ forms.
/// </summary>
public sealed class SmallFloat
{
    private readonly int exponentBits, mantissaBits, bias;
    private readonly bool signed, hasInfinity, negativeZeroIsNaN, hasNaN;
    private readonly int maxFinite; // largest finite magnitude code

    /// <summary>The largest finite value.</summary>
    public double MaxValue { get; }

    /// <summary>Bits of one code.</summary>
    public int Bits => (signed ? 1 : 0) + exponentBits + mantissaBits;

    private SmallFloat(int exponentBits, int mantissaBits, int bias, bool ieee = false, bool negativeZeroIsNaN = false, bool hasNaN = true, bool signed = true)
    {
        (this.exponentBits, this.mantissaBits, this.bias, this.signed) = (exponentBits, mantissaBits, bias, signed);
        (hasInfinity, this.negativeZeroIsNaN, this.hasNaN) = (ieee, negativeZeroIsNaN, hasNaN);
        int top = (1 << (exponentBits + mantissaBits)) - 1;
        maxFinite = ieee ? top - (1 << mantissaBits) : hasNaN && !negativeZeroIsNaN ? top - 1 : top;
        MaxValue = Magnitude(maxFinite);
    }

    /// <summary>bfloat16: 1-8-7.</summary>
    public static SmallFloat BFloat16 { get; } = new(8, 7, 127, ieee: true);

    private static readonly SmallFloat E4M3FN = new(4, 3, 7), E4M3FNUZ = new(4, 3, 8, negativeZeroIsNaN: true),
        E5M2 = new(5, 2, 15, ieee: true), E5M2FNUZ = new(5, 2, 16, negativeZeroIsNaN: true),
        E2M1 = new(2, 1, 1, hasNaN: false), E8M0 = new(8, 0, 127, signed: false), F13 = new(5, 7, 15, ieee: true);

    /// <summary>The format of an element type, or null when .NET's own types serve it.</summary>
    public static SmallFloat? Of(ElementType type) => type switch
    {
        ElementType.BFloat16 => BFloat16,
        ElementType.Float8E4M3FN => E4M3FN,
        ElementType.Float8E4M3FNUZ => E4M3FNUZ,
        ElementType.Float8E5M2 => E5M2,
        ElementType.Float8E5M2FNUZ => E5M2FNUZ,
        ElementType.Float4E2M1 => E2M1,
        ElementType.Float8E8M0 => E8M0,
        ElementType.Float13 => F13,
        _ => null,
    };

    /// <summary>The value of a code.</summary>
    public double Decode(int code)
    {
        if (!signed) return code == 0xFF ? double.NaN : Math.ScaleB(1.0, code - bias);
        int magnitude = code & ((1 << (exponentBits + mantissaBits)) - 1);
        bool negative = code >> (exponentBits + mantissaBits) != 0;
        if (negativeZeroIsNaN && negative && magnitude == 0) return double.NaN;
        if (magnitude > maxFinite)
            return hasInfinity && magnitude == maxFinite + 1 ? (negative ? double.NegativeInfinity : double.PositiveInfinity) : double.NaN;
        double value = Magnitude(magnitude);
        return negative ? -value : value;
    }

    /// <summary>
    /// The code nearest to a value, ties to even. Past the largest finite value: with <paramref name="saturate"/> the
    /// largest finite value, otherwise infinity where the format has it, else NaN (else, for f4, the largest value).
    /// </summary>
    public int Encode(double value, bool saturate)
    {
        if (!signed) return EncodeExponent(value, saturate);
        int signBit = 1 << (exponentBits + mantissaBits);
        bool negative = double.IsNegative(value);
        if (double.IsNaN(value)) return NaN(negative);
        double magnitude = Math.Abs(value);
        if (double.IsInfinity(magnitude))
            return saturate || !(hasInfinity || hasNaN) ? Signed(maxFinite) : hasInfinity ? Signed(maxFinite + 1) : NaN(negative);

        int code = Round(magnitude);
        if (code > maxFinite)
            return saturate || !(hasInfinity || hasNaN) ? Signed(maxFinite) : hasInfinity ? Signed(maxFinite + 1) : NaN(negative);
        return code == 0 && negativeZeroIsNaN ? 0 : Signed(code);

        int Signed(int c) => negative ? c | signBit : c;
    }

    private int NaN(bool negative)
    {
        int signBit = 1 << (exponentBits + mantissaBits);
        if (negativeZeroIsNaN) return signBit;
        if (!hasNaN) return 0;
        int code = hasInfinity ? maxFinite + 1 + (1 << (mantissaBits - 1)) : maxFinite + 1;
        return negative ? code | signBit : code;
    }

    // Codes of one sign are ordered as their values, so rounding in units of the local step also carries into the exponent.
    private int Round(double magnitude)
    {
        if (magnitude == 0) return 0;
        int exponent = Math.Max(Math.ILogB(magnitude), 1 - bias);
        double steps = Math.Round(Math.ScaleB(magnitude, mantissaBits - exponent), MidpointRounding.ToEven);
        if (steps > int.MaxValue / 2) return int.MaxValue;
        return checked(((exponent + bias - 1) << mantissaBits) + (int)steps);
    }

    private double Magnitude(int code)
    {
        int exponent = code >> mantissaBits, mantissa = code & ((1 << mantissaBits) - 1);
        return exponent == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
    }

    // E8M0 has no zero and no sign: the smallest power stands for everything below it.
    private int EncodeExponent(double value, bool saturate)
    {
        if (double.IsNaN(value) || value < 0) return 0xFF;
        if (value == 0) return 0;
        if (double.IsInfinity(value)) return saturate ? 0xFE : 0xFF;
        int exponent = Math.ILogB(value);
        double fraction = Math.ScaleB(value, -exponent);
        if (fraction > 1.5 || (fraction == 1.5 && ((exponent + bias) & 1) != 0)) exponent++;
        int code = Math.Max(exponent + bias, 0);
        return code <= 0xFE ? code : saturate ? 0xFE : 0xFF;
    }
}
