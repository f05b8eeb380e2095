namespace Strata.Kernels.Spectral;

/// <summary>
/// The discrete Fourier transform of complex numbers of one length in binary64: one pass per prime factor, each of which
/// combines transforms of subsequences and leaves them in order (Stockham).
/// </summary>
internal sealed unsafe class FourierPlan
{
    private readonly int length;
    private readonly int[] factors;
    private readonly double[] cosines, sines; // of exp(−2πi·k/length)

    /// <summary>Prepares a length from 1 on.</summary>
    public FourierPlan(int length)
    {
        this.length = length;
        var found = new List<int>();
        int rest = length;
        for (int p = 2; rest > 1; p = (long)p * p > rest && rest % p != 0 ? rest : p + 1)
        {
            for (; rest % p == 0; rest /= p) found.Add(p);
        }
        factors = [.. found];
        (cosines, sines) = (new double[length], new double[length]);
        for (int k = 0; k < length; k++) (sines[k], cosines[k]) = Math.SinCos(-2 * Math.PI * k / length);
    }

    /// <summary>Numbers of memory that a transform needs: real and imaginary parts of x, and as many again.</summary>
    public long Room => 4L * length;

    /// <summary>Transforms <c>x[length]</c> (real parts, then imaginary ones, at the beginning of <paramref name="room"/>); returns where the result is, in the same order.</summary>
    public double* Transform(double* room)
    {
        double* from = room, to = room + 2L * length;
        int done = 1;
        foreach (int factor in factors)
        {
            if (factor == 2) Combine2(from, to, done);
            else Combine(from, to, done, factor);
            done *= factor;
            double* free = from;
            from = to;
            to = free;
        }
        return from;
    }

    // Transforms of `done` elements of subsequences, laid out [frequency, subsequence], to those of twice as many.
    private void Combine2(double* from, double* to, int done)
    {
        int between = length / done / 2, step = length / done / 2;
        for (int p = 0; p < done; p++)
        {
            double c = cosines[p * step], s = sines[p * step];
            double* a = from + 2L * p * between, b = a + between, sum = to + (long)p * between, difference = sum + (long)done * between;
            for (int i = 0; i < between; i++)
            {
                double re = c * b[i] - s * b[length + i], im = c * b[length + i] + s * b[i];
                (sum[i], sum[length + i]) = (a[i] + re, a[length + i] + im);
                (difference[i], difference[length + i]) = (a[i] - re, a[length + i] - im);
            }
        }
    }

    private void Combine(double* from, double* to, int done, int factor)
    {
        int between = length / done / factor;
        long longer = (long)done * factor;
        for (int p = 0; p < done; p++)
        {
            double* x = from + (long)p * factor * between;
            for (int u = 0; u < factor; u++)
            {
                double* y = to + (p + (long)u * done) * between;
                for (int i = 0; i < between; i++) (y[i], y[length + i]) = (x[i], x[length + i]);
                for (int q = 1; q < factor; q++)
                {
                    long turn = (p + (long)u * done) * q % longer * between;
                    double c = cosines[turn], s = sines[turn];
                    double* z = x + (long)q * between;
                    for (int i = 0; i < between; i++)
                    {
                        y[i] += c * z[i] - s * z[length + i];
                        y[length + i] += c * z[length + i] + s * z[i];
                    }
                }
            }
        }
    }
}
