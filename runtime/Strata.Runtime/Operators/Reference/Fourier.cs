using System.Numerics;

namespace Strata.Operators.Reference;

/// <summary>The discrete Fourier transform in binary64.</summary>
internal static class Fourier
{
    /// <summary>
    /// Σₙ x[n]·exp(∓2πi·k·n/N) for every k: radix 2 down to odd lengths, those by the definition. The inverse also divides by N.
    /// </summary>
    public static Complex[] Transform(ReferenceContext context, ReadOnlySpan<Complex> x, bool inverse)
    {
        int n = x.Length;
        var roots = new Complex[n];
        for (int k = 0; k < n; k++) roots[k] = Complex.FromPolarCoordinates(1, (inverse ? 2 : -2) * Math.PI * k / n);
        var result = Transform(context, x.ToArray(), roots, 1);
        if (inverse)
        {
            for (int k = 0; k < n; k++) result[k] /= n;
        }
        return result;
    }

    // roots[step·k] are the roots of unity of this length.
    private static Complex[] Transform(ReferenceContext context, Complex[] x, Complex[] roots, int step)
    {
        int n = x.Length;
        var result = new Complex[n];
        if (n % 2 != 0 || n == 0)
        {
            for (int k = 0; k < n; k++)
            {
                context.Observe();
                Complex sum = Complex.Zero;
                for (int i = 0; i < n; i++) sum += x[i] * roots[(int)((long)k * i % n) * step];
                result[k] = sum;
            }
            return result;
        }
        Complex[] even = new Complex[n / 2], odd = new Complex[n / 2];
        for (int i = 0; i < n / 2; i++) (even[i], odd[i]) = (x[2 * i], x[2 * i + 1]);
        even = Transform(context, even, roots, 2 * step);
        odd = Transform(context, odd, roots, 2 * step);
        for (int k = 0; k < n / 2; k++)
        {
            var turned = odd[k] * roots[k * step];
            (result[k], result[k + n / 2]) = (even[k] + turned, even[k] - turned);
        }
        return result;
    }
}
