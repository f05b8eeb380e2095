using System.Diagnostics;
using Strata.Compiler;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Planning;
using Strata.Passes;
using Compile = Strata.Compiler.Compiler;

namespace Strata.Benchmarks;

/// <summary>
/// What budgets come to: each model at 25, 50 and 75 % of the way from its smallest to its largest file, beside every uniform plan, on 32 sets
/// of generated inputs that neither calibrate nor plan.
/// </summary>
internal static class BudgetSuite
{
    private const int LeastElements = 50_000, EvaluationSets = 32;

    // The narrowest of all formats last: it makes the smallest uniform file.
    private static readonly (string Format, string[] Groups)[] s_uniform =
        [("f16", ["channel"]), ("bf16", ["channel"]), ("f13", ["channel"]), ("f8", ["channel"]), ("int8", ["channel", "32"]), ("int6", ["channel", "32"]), ("int5", ["channel", "32"]), ("int4", ["16", "32", "64", "channel"]), ("int3", ["16", "32", "channel"]), ("int2", ["16", "32"])];

    public static void Run(IReadOnlyList<string> arguments)
    {
        string[] models = [.. arguments.SelectMany(a => Directory.Exists(a) ? Directory.EnumerateFiles(a, "*.onnx", SearchOption.AllDirectories) : [a]).Order(StringComparer.Ordinal)];
        ulong seed = (ulong)Random.Shared.Next(1 << 20) << 24; // far from the seeds of other runs
        Console.WriteLine($"seed {seed}, {EvaluationSets} evaluation sets");
        Console.WriteLine($"{"model",-32}{"at",5}{"asked",12}{"file",12}{"filled",8}{"mixed dB",10}{"uniform within dB",30}{"next larger dB",30}{"s",8}");
        int cases = 0, filled = 0, won = 0, wonNext = 0;
        foreach (string path in models) Measure(path, seed, ref cases, ref filled, ref won, ref wonNext);
        Console.WriteLine($"{cases} cases: {filled} filled to 98 %, {won} better than every uniform plan within the size, {wonNext} better than the next larger one too");
    }

    private static void Measure(string path, ulong seed, ref int cases, ref int filled, ref int won, ref int wonNext)
    {
        string name = Path.GetFileName(path) == "model.onnx" ? Path.GetFileName(Path.GetDirectoryName(path)!) : Path.GetFileNameWithoutExtension(path);
        try
        {
            using var model = OnnxModel.Load(path);
            var options = new CompileOptions { Seed = seed, MeasuredInputs = EvaluationSets };
            var uniform = new List<(string Name, long Bytes, double Snr)>();
            foreach (var (format, groups) in s_uniform)
            {
                foreach (string group in groups)
                {
                    var (report, snr) = Compiled(model, options with { Weights = new(WeightFormat.Find(format)!, WeightGroups.Parse(group)!.Value) });
                    if (report.Weights.Where(w => w.Scheme is not null).Sum(w => (long)w.Elements) < LeastElements) return;
                    uniform.Add(($"{format}/{group}", report.Encoding.FileBytes, snr));
                }
            }
            long smallest = uniform.Min(u => u.Bytes), largest = Compile.Compile(model, Stream.Null, options with { Verify = false }).Encoding.FileBytes;
            foreach (int percent in new[] { 25, 50, 75 })
            {
                long asked = smallest + (largest - smallest) * percent / 100;
                long start = Stopwatch.GetTimestamp();
                var (report, snr) = Compiled(model, options with { Budget = new WeightBudget(asked) });
                long bytes = report.Encoding.FileBytes;
                var within = uniform.Where(u => u.Bytes <= asked).MaxBy(u => u.Snr);
                var next = uniform.Where(u => u.Bytes > asked).OrderBy(u => u.Bytes).FirstOrDefault(("none", 0, double.NegativeInfinity));
                bool fills = bytes <= asked && bytes >= 0.98 * asked;
                cases++;
                filled += fills ? 1 : 0;
                won += snr > within.Snr ? 1 : 0;
                wonNext += snr > within.Snr && snr > next.Item3 ? 1 : 0;
                Console.WriteLine($"{name,-32}{percent,3} %{asked,12:N0}{bytes,12:N0}{100.0 * bytes / asked,6:F1} %{snr,10:F1}{$"{within.Name} {within.Snr:F1}",30}{$"{next.Item1} {next.Item3:F1}",30}{Stopwatch.GetElapsedTime(start).TotalSeconds,8:F1}");
            }
        }
        catch (StrataException error)
        {
            Console.WriteLine($"{name,-32} {error.Message}");
        }
    }

    // The signal-to-noise ratio of the mean of all outputs' noise.
    private static (CompileReport Report, double Snr) Compiled(OnnxModel model, CompileOptions options)
    {
        var report = Compile.Compile(model, Stream.Null, options);
        double noise = report.Verification?.Fidelity is not { } fidelity ? throw new InvalidInputException(report.Verification?.NotMeasured ?? "not measured")
            : fidelity.Outputs.Average(o => o.Mismatch is not null ? 1 : o.SnrDb is { } snr ? Math.Min(1e6, Math.Pow(10, -snr / 10)) : 0);
        return (report, noise == 0 ? double.PositiveInfinity : -10 * Math.Log10(noise));
    }
}
