namespace Strata.Operators.Reference.Images;

/// <summary>
/// The 8 × 8 inverse cosine transform in fixed point, by the factorisation of Loeffler, Ligtenberg and Moschytz (1989) with 13-bit
/// constants, two extra bits between the passes: the arithmetic that JPEG decoders agree on bit for bit.
/// </summary>
internal static class InverseDct
{
    private const int ConstantBits = 13, ExtraBits = 2;

    // Sums of cosines of multiples of π/16, times 2^13.
    private const int F0298 = 2446, F0390 = 3196, F0541 = 4433, F0765 = 6270, F0899 = 7373, F1175 = 9633, F1501 = 12299,
        F1847 = 15137, F1961 = 16069, F2053 = 16819, F2562 = 20995, F3072 = 25172;

    /// <summary>Transforms dequantised coefficients to samples around 128, clamped to bytes.</summary>
    public static void Transform(ReadOnlySpan<int> block, Span<byte> target, int stride)
    {
        Span<int> work = stackalloc int[64], line = stackalloc int[8];
        for (int column = 0; column < 8; column++)
        {
            for (int i = 0; i < 8; i++) line[i] = block[i * 8 + column];
            Pass(line, ConstantBits - ExtraBits);
            for (int i = 0; i < 8; i++) work[i * 8 + column] = line[i];
        }
        for (int row = 0; row < 8; row++)
        {
            work.Slice(row * 8, 8).CopyTo(line);
            Pass(line, ConstantBits + ExtraBits + 3);
            for (int i = 0; i < 8; i++) target[row * stride + i] = (byte)Math.Clamp(line[i] + 128, 0, 255);
        }
    }

    private static void Pass(Span<int> x, int shift)
    {
        unchecked
        {
            int even = (x[2] + x[6]) * F0541, tmp2 = even - x[6] * F1847, tmp3 = even + x[2] * F0765;
            int tmp0 = (x[0] + x[4]) << ConstantBits, tmp1 = (x[0] - x[4]) << ConstantBits;
            int e0 = tmp0 + tmp3, e3 = tmp0 - tmp3, e1 = tmp1 + tmp2, e2 = tmp1 - tmp2;

            int z1 = x[7] + x[1], z2 = x[5] + x[3], z3 = x[7] + x[3], z4 = x[5] + x[1];
            int z5 = (z3 + z4) * F1175;
            z1 *= -F0899;
            z2 *= -F2562;
            z3 = z3 * -F1961 + z5;
            z4 = z4 * -F0390 + z5;
            int o0 = x[7] * F0298 + z1 + z3, o1 = x[5] * F2053 + z2 + z4, o2 = x[3] * F3072 + z2 + z3, o3 = x[1] * F1501 + z1 + z4;

            int half = 1 << (shift - 1);
            (x[0], x[7]) = ((e0 + o3 + half) >> shift, (e0 - o3 + half) >> shift);
            (x[1], x[6]) = ((e1 + o2 + half) >> shift, (e1 - o2 + half) >> shift);
            (x[2], x[5]) = ((e2 + o1 + half) >> shift, (e2 - o1 + half) >> shift);
            (x[3], x[4]) = ((e3 + o0 + half) >> shift, (e3 - o0 + half) >> shift);
        }
    }
}
