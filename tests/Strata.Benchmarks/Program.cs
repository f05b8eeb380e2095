using System.Runtime.Intrinsics;
using Strata.Benchmarks;
using Strata.Kernels.Simd;

// Arguments: names of suites, none for all that need no models; or "budgets" and models or folders of them, or "transposed" and models.
if (args is ["budgets", .. var models]) BudgetSuite.Run(models);
else if (args is ["transposed", .. var files]) TransposedSuite.Run(files);
else if (Vector512.IsHardwareAccelerated) Run<F512>();
else if (Vector256.IsHardwareAccelerated) Run<F256>();
else if (Vector128.IsHardwareAccelerated) Run<F128>();
else Run<F32>();

void Run<V>() where V : struct, ISimd<V>
{
    double peak = Machine.Peak<V>();
    Console.WriteLine($"one thread, {V.Count} lanes, peak {peak / 1e9:F1} GFLOP/s");
    (string Name, Action<double> Suite)[] suites = [("gemm", GemmSuite.Run<V>), ("choices", _ => ChoiceSuite.Run()), ("passes", _ => PassSuite.Run())];
    foreach (var (name, suite) in suites)
    {
        if (args.Length == 0 || args.Contains(name)) suite(peak);
    }
}
