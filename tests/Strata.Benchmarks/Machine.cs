using System.Diagnostics;
using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Benchmarks;

/// <summary>What one core can do, measured in this process.</summary>
internal static class Machine
{
    /// <summary>The fastest of many runs of an action, in seconds of processor time: other processes only ever make a run slower.</summary>
    public static double Best(Action action, double seconds = 0.5)
    {
        double best = double.PositiveInfinity;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        for (int runs = 0; runs < 5 || Stopwatch.GetTimestamp() < end; runs++)
        {
            var start = Environment.CpuUsage.TotalTime;
            action();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
        }
        return best;
    }

    /// <summary>Floating-point operations per second of multiply-adds that stay in registers.</summary>
    public static double Peak<V>() where V : struct, ISimd<V>
    {
        const int Rounds = 20_000, Chains = 12;
        float sink = 0;
        double seconds = Best(() => sink += Chain<V>(Rounds), 0.3);
        GC.KeepAlive(sink);
        return 2.0 * Rounds * Chains * V.Count / seconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain<V>(int rounds) where V : struct, ISimd<V>
    {
        V a = V.Of(1.0001f), b = V.Of(0.9999f), c0 = a, c1 = a, c2 = a, c3 = a, c4 = a, c5 = a, c6 = a, c7 = a, c8 = a, c9 = a, c10 = a, c11 = a;
        for (int i = 0; i < rounds; i++)
        {
            c0 = V.Fma(a, b, c0);
            c1 = V.Fma(a, b, c1);
            c2 = V.Fma(a, b, c2);
            c3 = V.Fma(a, b, c3);
            c4 = V.Fma(a, b, c4);
            c5 = V.Fma(a, b, c5);
            c6 = V.Fma(a, b, c6);
            c7 = V.Fma(a, b, c7);
            c8 = V.Fma(a, b, c8);
            c9 = V.Fma(a, b, c9);
            c10 = V.Fma(a, b, c10);
            c11 = V.Fma(a, b, c11);
        }
        return (c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11).Sum();
    }
}
