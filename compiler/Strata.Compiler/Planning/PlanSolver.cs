namespace Strata.Compiler.Planning;

/// <summary>One way to store a weight: what it takes and what it costs.</summary>
internal readonly record struct PlanChoice(long Bytes, double Damage);

/// <summary>
/// Chooses one way for each weight so that the damages sum to little and the bytes to no more than a budget: a knapsack with
/// classes. Steps of the lower convex hulls in the order of damage saved per byte (the Lagrangian optimum for each multiplier) and,
/// where weights are few, dynamic programming over bytes in coarse steps; from both, exchanges of one or two choices that the remaining
/// bytes allow (Kellerer, Pferschy, Pisinger 2004, Knapsack Problems, chapter 11).
/// </summary>
internal static class PlanSolver
{
    // Choices of all weights up to which pairs are exchanged: time is quadratic in them.
    private const int MostForPairs = 3000;

    // Steps that dynamic programming counts bytes in, and weights up to which that is fine enough.
    private const int ByteSteps = 4096, MostForSteps = 256;

    // Exchanges; each lowers the sum of damages.
    private const int MostExchanges = 1000;

    /// <summary>The number of the choice for each weight; null where even the smallest ones exceed the budget.</summary>
    public static int[]? Solve(IReadOnlyList<IReadOnlyList<PlanChoice>> weights, long budget)
    {
        int[][] hulls = [.. weights.Select(Hull)];
        int[] chosen = [.. hulls.Select(h => h[0])];
        long left = budget - chosen.Select((c, i) => weights[i][c].Bytes).Sum();
        if (left < 0) return null;
        Climb(weights, hulls, chosen, ref left);
        Exchange(weights, chosen, left);
        if (weights.Count is 0 or > MostForSteps || BySteps(weights, budget) is not { } other) return chosen;
        Exchange(weights, other, budget - Sum(other, c => c.Bytes));
        return Sum(other, c => c.Damage) < Sum(chosen, c => c.Damage) ? other : chosen;

        T Sum<T>(int[] plan, Func<PlanChoice, T> of) where T : System.Numerics.INumber<T> => plan.Select((c, i) => of(weights[i][c])).Aggregate(T.Zero, (sum, v) => sum + v);
    }

    // The least damage for each number of steps that the weights so far take, a choice rounded up to whole steps beyond its weight's smallest.
    private static int[]? BySteps(IReadOnlyList<IReadOnlyList<PlanChoice>> weights, long budget)
    {
        long free = budget - weights.Sum(w => w.Min(c => c.Bytes)), step = Math.Max(1, (free + ByteSteps - 1) / ByteSteps);
        int steps = (int)(free / step);
        var damage = new double[steps + 1];
        var taken = new int[weights.Count][];
        for (int w = 0; w < weights.Count; w++)
        {
            long least = weights[w].Min(c => c.Bytes);
            int[] width = [.. weights[w].Select(c => (int)Math.Min(steps + 1L, (c.Bytes - least + step - 1) / step))];
            var (next, by) = (new double[steps + 1], taken[w] = new int[steps + 1]);
            for (int s = 0; s <= steps; s++)
            {
                next[s] = double.PositiveInfinity;
                for (int c = 0; c < width.Length; c++)
                {
                    if (width[c] <= s && damage[s - width[c]] + weights[w][c].Damage < next[s]) (next[s], by[s]) = (damage[s - width[c]] + weights[w][c].Damage, c);
                }
            }
            damage = next;
        }
        if (!double.IsFinite(damage[steps])) return null;
        var chosen = new int[weights.Count];
        for (int w = weights.Count - 1, s = steps; w >= 0; w--)
        {
            chosen[w] = taken[w][s];
            s -= (int)((weights[w][chosen[w]].Bytes - weights[w].Min(c => c.Bytes) + step - 1) / step);
        }
        return chosen;
    }

    /// <summary>Choices on the lower convex hull of damage over bytes, smallest first.</summary>
    internal static int[] Hull(IReadOnlyList<PlanChoice> choices)
    {
        var hull = new List<int>();
        foreach (int c in Enumerable.Range(0, choices.Count).OrderBy(c => choices[c].Bytes).ThenBy(c => choices[c].Damage))
        {
            if (hull.Count > 0 && choices[c].Damage >= choices[hull[^1]].Damage) continue;
            while (hull.Count > 1 && Gain(choices, hull[^2], hull[^1]) <= Gain(choices, hull[^1], c)) hull.RemoveAt(hull.Count - 1);
            hull.Add(c);
        }
        return [.. hull];
    }

    private static void Climb(IReadOnlyList<IReadOnlyList<PlanChoice>> weights, int[][] hulls, int[] chosen, ref long left)
    {
        var steps = new List<(double Gain, int Weight, int Step)>();
        for (int w = 0; w < hulls.Length; w++)
        {
            for (int s = 1; s < hulls[w].Length; s++) steps.Add((Gain(weights[w], hulls[w][s - 1], hulls[w][s]), w, s));
        }
        foreach (var (_, w, s) in steps.OrderByDescending(s => s.Gain).ThenBy(s => s.Weight).ThenBy(s => s.Step))
        {
            // Past a step that did not fit, from wherever the weight stands.
            long more = weights[w][hulls[w][s]].Bytes - weights[w][chosen[w]].Bytes;
            if (more > left) continue;
            left -= more;
            chosen[w] = hulls[w][s];
        }
    }

    private static void Exchange(IReadOnlyList<IReadOnlyList<PlanChoice>> weights, int[] chosen, long left)
    {
        bool withPairs = weights.Sum(w => w.Count) <= MostForPairs;
        for (int n = 0; n < MostExchanges; n++)
        {
            var moves = Moves(weights, chosen);
            (double Damage, long Bytes, (int Weight, int Choice) First, (int Weight, int Choice)? Second) best = (0, 0, default, null);
            foreach (var move in moves.Where(m => m.Damage < 0))
            {
                if (move.Bytes <= left && move.Damage < best.Damage) best = (move.Damage, move.Bytes, (move.Weight, move.Choice), null);
                if (!withPairs) continue;
                foreach (var other in moves)
                {
                    if (other.Weight == move.Weight || move.Bytes + other.Bytes > left || move.Damage + other.Damage >= best.Damage) continue;
                    best = (move.Damage + other.Damage, move.Bytes + other.Bytes, (move.Weight, move.Choice), (other.Weight, other.Choice));
                }
            }
            if (best.Damage >= 0) return;
            chosen[best.First.Weight] = best.First.Choice;
            if (best.Second is { } second) chosen[second.Weight] = second.Choice;
            left -= best.Bytes;
        }
    }

    private static List<(int Weight, int Choice, long Bytes, double Damage)> Moves(IReadOnlyList<IReadOnlyList<PlanChoice>> weights, int[] chosen)
    {
        var moves = new List<(int, int, long, double)>();
        for (int w = 0; w < weights.Count; w++)
        {
            var now = weights[w][chosen[w]];
            for (int c = 0; c < weights[w].Count; c++)
            {
                var (bytes, damage) = (weights[w][c].Bytes - now.Bytes, weights[w][c].Damage - now.Damage);
                if (c != chosen[w] && (bytes < 0 || damage < 0)) moves.Add((w, c, bytes, damage));
            }
        }
        return moves;
    }

    private static double Gain(IReadOnlyList<PlanChoice> choices, int from, int to) => (choices[from].Damage - choices[to].Damage) / Math.Max(1, choices[to].Bytes - choices[from].Bytes);
}
