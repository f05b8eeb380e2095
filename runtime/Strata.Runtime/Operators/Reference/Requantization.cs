using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>From accumulators and real numbers to integer codes: ties to even, saturated.</summary>
internal static class Requantization
{
    /// <summary>The factor from a 32-bit accumulator to codes: <c>(a · b) / y</c>, each step in binary32.</summary>
    public static float Multiplier(float aScale, float bScale, float yScale) => aScale * bScale / yScale;

    /// <summary><c>saturate(round(accumulator · multiplier) + zeroPoint)</c>, the product in binary32.</summary>
    public static long Code(int accumulator, float multiplier, long zeroPoint, ElementType type) => Code(accumulator * multiplier, zeroPoint, type);

    /// <summary><c>saturate(round(value) + zeroPoint)</c>; NaN gives the least code.</summary>
    public static long Code(double value, long zeroPoint, ElementType type)
    {
        int bits = type.Bits();
        bool signed = type.Kind() == ElementKind.Signed;
        double least = signed ? -Math.ScaleB(1, bits - 1) : 0, most = Math.ScaleB(1, signed ? bits - 1 : bits) - 1;
        return double.IsNaN(value) ? (long)least : (long)Math.Clamp(Math.Round(value, MidpointRounding.ToEven) + zeroPoint, least, most);
    }
}
