namespace Strata.Operators.Reference;

/// <summary>
/// Functions that .NET lacks or computes with cancellation, to a few units in the last place of binary64: closed forms for
/// the oracle. Formulas: NIST Digital Library of Mathematical Functions, chapters 4 and 7.
/// </summary>
internal static class SpecialFunctions
{
    private const double TwoOverSqrtPi = 1.1283791670955125738961589031215452;

    /// <summary>The error function.</summary>
    public static double Erf(double x)
    {
        double magnitude = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        return magnitude < 2 ? ErfSeries(x) : Math.CopySign(1 - ErfcFraction(magnitude), x);
    }

    /// <summary>The complementary error function, <c>1 − erf(x)</c>, accurate where it is small.</summary>
    public static double Erfc(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x < -2) return 2 - ErfcFraction(-x);
        return x < 2 ? 1 - ErfSeries(x) : ErfcFraction(x);
    }

    // DLMF 7.6.2: all terms have one sign.
    private static double ErfSeries(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return TwoOverSqrtPi * Math.Exp(-x * x) * sum;
    }

    // DLMF 7.9.3, evaluated backward; 60 levels suffice from x = 2 on.
    private static double ErfcFraction(double x)
    {
        if (x > 28) return 0;
        double tail = x;
        for (int k = 60; k > 0; k--) tail = x + k / 2.0 / tail;
        return Math.Exp(-x * x) / (tail * Math.Sqrt(Math.PI));
    }

    /// <summary><c>eˣ − 1</c> without cancellation near zero.</summary>
    public static double ExpM1(double x)
    {
        double e = Math.Exp(x);
        if (e == 1) return x;
        double difference = e - 1;
        return difference == -1 || double.IsInfinity(e) ? difference : difference * x / Math.Log(e);
    }

    /// <summary><c>ln(1 + x)</c> without cancellation near zero.</summary>
    public static double LogP1(double x)
    {
        double sum = 1 + x;
        return sum == 1 || double.IsInfinity(x) ? x : Math.Log(sum) * x / (sum - 1);
    }

    /// <summary><c>1 / (1 + e^−x)</c>.</summary>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary><c>ln(1 + eˣ)</c> without overflow.</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + LogP1(Math.Exp(-Math.Abs(x)));

    /// <summary><c>x · Φ(x)</c>.</summary>
    public static double Gelu(double x) => double.IsNegativeInfinity(x) ? 0 : 0.5 * x * Erfc(-x / Math.Sqrt(2));

    /// <summary>The approximation of <see cref="Gelu"/> by the hyperbolic tangent.</summary>
    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}
