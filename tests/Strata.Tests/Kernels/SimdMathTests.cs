using Strata.Kernels;
using Strata.Kernels.Simd;
using Strata.Operators.Reference;

namespace Strata.Tests.Kernels;

/// <summary>Vector functions against binary64, and against themselves at other widths.</summary>
public unsafe class SimdMathTests
{
    private interface IFunction
    {
        static abstract V Of<V>(V x) where V : struct, ISimd<V>;
        static abstract double Exact(double x);
    }

    [Fact]
    public void ExponentialsAreWithinTheirBounds()
    {
        CheckUlps<ExpOf>(1);
        CheckUlps<ExpM1Of>(2);
    }

    [Fact]
    public void LogarithmIsWithinItsBound() => CheckUlps<LogOf>(2);

    [Fact]
    public void SigmoidsAreWithinTheirBounds()
    {
        CheckUlps<TanhOf>(3);
        CheckUlps<SigmoidOf>(3);
        CheckUlps<SoftplusOf>(3);
        CheckUlps<ErfOf>(3);
    }

    [Fact]
    public void GeluIsWithinAFractionOfItsArgument()
    {
        CheckRelativeToArgument<GeluOf>();
        CheckRelativeToArgument<GeluTanhOf>();
    }

    // Units in the last place of the exact result, those of the smallest normal number below it, and half a unit for its rounding.
    private static void CheckUlps<F>(double ulps) where F : IFunction => Check<F>((x, exact) =>
    {
        if (Math.Abs(exact) > float.MaxValue) return double.MaxValue * (Math.Abs(exact) > float.MaxValue * (1 + ulps / (1 << 23)) ? 0 : 1);
        return ulps * Math.ScaleB(1, Math.Max(exact == 0 ? -149 : Math.ILogB(exact) - 23, -149));
    });

    private static void CheckRelativeToArgument<F>() where F : IFunction => Check<F>((x, _) => Math.ScaleB(Math.Abs(x), -22) + float.Epsilon);

    private static void Check<F>(Func<double, double, double> bound) where F : IFunction
    {
        float[] x = Samples(), scalar = Apply<F, F32>(x);
        for (int i = 0; i < x.Length; i++)
        {
            double exact = F.Exact(x[i]);
            bool holds = double.IsNaN(exact) ? float.IsNaN(scalar[i]) : scalar[i] == (float)exact || Math.Abs(scalar[i] - exact) <= bound(x[i], exact);
            Assert.True(holds, $"{typeof(F).Name}({x[i]:R}) is {scalar[i]:R}, expected {exact:R}");
        }
        if (KernelTable.Level >= SimdLevel.Vector128) AssertSameBits(Apply<F, F128>(x));
        if (KernelTable.Level >= SimdLevel.Vector256) AssertSameBits(Apply<F, F256>(x));
        if (KernelTable.Level >= SimdLevel.Vector512) AssertSameBits(Apply<F, F512>(x));

        void AssertSameBits(float[] y)
        {
            for (int i = 0; i < y.Length; i++)
            {
                bool same = float.IsNaN(scalar[i]) ? float.IsNaN(y[i]) : BitConverter.SingleToInt32Bits(scalar[i]) == BitConverter.SingleToInt32Bits(y[i]);
                Assert.True(same, $"{typeof(F).Name}({x[i]:R}) is {scalar[i]:R} alone and {y[i]:R} among others");
            }
        }
    }

    // Every exponent and sign, dense where functions bend, and the special values.
    private static float[] Samples()
    {
        var random = new Random(7);
        var samples = new List<float>
        {
            0, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, -float.Epsilon, 1, -1,
            1.17549435e-38f, 88.7228f, 88.73f, -87.4f, -103.9f, -104.1f, 0.92f, 4, -4, 9.1f, 0.70710677f, 1.4142135f,
        };
        while (samples.Count < 20_000) samples.Add(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)));
        while (samples.Count < 60_000) samples.Add((random.NextSingle() * 2 - 1) * MathF.Pow(10, random.Next(-3, 3)));
        return [.. samples.Take(60_000)];
    }

    private static float[] Apply<F, V>(float[] x) where F : IFunction where V : struct, ISimd<V>
    {
        var y = new float[x.Length];
        fixed (float* from = x, to = y)
        {
            for (int i = 0; i < x.Length; i += V.Count) F.Of(V.Load(from + i)).Store(to + i);
        }
        return y;
    }

    private readonly struct ExpOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Exp(x);
        public static double Exact(double x) => Math.Exp(x);
    }

    private readonly struct ExpM1Of : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.ExpM1(x);
        public static double Exact(double x) => SpecialFunctions.ExpM1(x);
    }

    private readonly struct LogOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Log(x);
        public static double Exact(double x) => Math.Log(x);
    }

    private readonly struct TanhOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Tanh(x);
        public static double Exact(double x) => Math.Tanh(x);
    }

    private readonly struct SigmoidOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Sigmoid(x);
        public static double Exact(double x) => SpecialFunctions.Sigmoid(x);
    }

    private readonly struct SoftplusOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Softplus(x);
        public static double Exact(double x) => SpecialFunctions.Softplus(x);
    }

    private readonly struct ErfOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Erf(x);
        public static double Exact(double x) => double.IsInfinity(x) ? Math.Sign(x) : SpecialFunctions.Erf(x);
    }

    private readonly struct GeluOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.Gelu(x);
        public static double Exact(double x) => SpecialFunctions.Gelu(x);
    }

    private readonly struct GeluTanhOf : IFunction
    {
        public static V Of<V>(V x) where V : struct, ISimd<V> => SimdMath.GeluTanh(x);
        public static double Exact(double x) => SpecialFunctions.GeluTanh(x);
    }
}
