using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Benchmarks;

/// <summary>
/// Whether the costs of kernel rows choose the fastest: convolutions of random shapes, timed by each row of the widest vectors on one
/// thread, in turn. A loss is how much longer the row with the least cost takes than the fastest one.
/// </summary>
internal static class ChoiceSuite
{
    private const int Shapes = 2000, Seed = 5, MostElements = 1 << 21;
    private const double LeastMultiplications = 2e3, MostMultiplications = 6e7;

    private static readonly int[] s_channels = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 256, 512];

    public static void Run()
    {
        Console.WriteLine($"choice of kernels, {Shapes} random shapes each: wrong, over 10 % lost, mean loss, loss of all together, worst");
        Report("Conv", random => Draw(random, isTransposed: false));
        Report("ConvTranspose", random => Draw(random, isTransposed: true));
    }

    private sealed record Case(Operator Operator, int[][] Inputs, int[] Output)
    {
        public override string ToString() => $"{Operator.GetType().Name} {string.Join(" ", Inputs.Select(d => $"[{string.Join(",", d)}]"))}";
    }

    private static void Report(string name, Func<Random, Case?> draw)
    {
        var random = new Random(Seed);
        int done = 0, wrong = 0, bad = 0;
        double loss = 0, chosen = 0, least = 0, worst = 1;
        string worstCase = "";
        while (done < Shapes)
        {
            if (draw(random) is not { } shape) continue;
            var rows = Measure(shape);
            if (rows.Length < 2) continue;
            done++;
            var (pick, best) = (rows.MinBy(r => r.Cost), rows.MinBy(r => r.Time));
            double ratio = pick.Time / best.Time;
            (loss, chosen, least) = (loss + ratio - 1, chosen + pick.Time, least + best.Time);
            if (pick.Name != best.Name) wrong++;
            if (ratio > 1.1) bad++;
            if (ratio > worst) (worst, worstCase) = (ratio, $"{shape}: {pick.Name} instead of {best.Name}");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {100.0 * wrong / done:F1} %  {100.0 * bad / done:F1} %  {100 * loss / done:F1} %  {100 * (chosen / least - 1):F1} %  {worst:F2} times ({worstCase})"));
    }

    private static (string Name, double Cost, double Time)[] Measure(Case shape)
    {
        var found = new List<(KernelRow Row, double Cost, KernelRunner Runner)>();
        foreach (var row in KernelTable.Rows.Where(r => r.Operator == shape.Operator.GetType() && r.Needs == KernelTable.Level))
        {
            double cost = double.NaN;
            try
            {
                var runner = new KernelRunner(shape.Operator, shape.Inputs, shape.Output, request =>
                {
                    if (!row.Supports(request)) throw new NotSupportedException();
                    cost = row.Cost(request);
                    return row.Create(request);
                });
                found.Add((row, cost, runner));
            }
            catch (NotSupportedException)
            {
                // Not for such shapes.
            }
        }
        double[] best = [.. found.Select(_ => double.PositiveInfinity)];
        foreach (var (_, _, runner) in found) runner.Run();
        int repeat = (int)Math.Clamp(2e5 / Multiplications(shape), 1, 100);
        long start = Stopwatch.GetTimestamp();
        for (int turn = 0; turn < 7 && (turn < 3 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < 120); turn++)
        {
            for (int i = 0; i < best.Length; i++)
            {
                long from = Stopwatch.GetTimestamp();
                for (int j = 0; j < repeat; j++) found[i].Runner.Run();
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(from).TotalNanoseconds / repeat);
            }
        }
        return [.. found.Select((f, i) => (f.Row.Name, f.Cost, best[i]))];
    }

    // [1, g · c, h, w] and m filters for each of g groups, or one row of them; null where that is too much or too little.
    private static Case? Draw(Random random, bool isTransposed)
    {
        bool isRow = random.Next(5) == 0;
        int groups = random.Next(6) == 0 ? 1 << random.Next(1, 5) : 1, channels = Any(s_channels), filters = Any(s_channels);
        int stride = isTransposed ? random.Next(1, 5) : random.Next(1, 3), kernel = isTransposed ? Math.Max(stride, random.Next(1, 8)) : Any([1, 1, 3, 3, 3, 5, 7, 2]);
        int width = isRow ? random.Next(4, 2000) : random.Next(1, 130), height = isRow ? 1 : random.Next(2) == 0 ? width : random.Next(1, 130);
        int pad = isTransposed ? (kernel - stride) / 2 : kernel / 2;
        int[] kernels = [isRow ? 1 : kernel, kernel], strides = [isRow ? 1 : stride, stride], pads = [isRow ? 0 : pad, pad], input = [height, width];
        int[] output = [.. input.Select((n, d) => isTransposed ? (n - 1) * strides[d] + kernels[d] - 2 * pads[d] : (n + 2 * pads[d] - kernels[d]) / strides[d] + 1)];
        if (groups > 1 && Math.Max(channels, filters) > 64 || output.Min() < 1 || (long)groups * filters * output[0] * output[1] > MostElements) return null;
        var window = new WindowAttributes { Strides = Longs(strides), Pads = [.. Longs(pads), .. Longs(pads)] };
        var shape = new Case(isTransposed ? new ConvTranspose { Group = groups, Window = window } : new Conv { Group = groups, Window = window },
            [[1, groups * channels, .. input], isTransposed ? [groups * channels, filters, .. kernels] : [groups * filters, channels, .. kernels], [groups * filters]], [1, groups * filters, .. output]);
        return Multiplications(shape) is >= LeastMultiplications and <= MostMultiplications ? shape : null;

        int Any(int[] values) => values[random.Next(values.Length)];
        static ImmutableArray<long> Longs(int[] values) => [.. values.Select(v => (long)v)];
    }

    // Each weight meets each position of the smaller side.
    private static double Multiplications(Case shape) => (double)Tensor.CountOf(shape.Inputs[1]) * Math.Min((long)shape.Inputs[0][2] * shape.Inputs[0][3], (long)shape.Output[2] * shape.Output[3]);
}
