using Strata.Compiler.Planning;

namespace Strata.Tests.Planning;

/// <summary>Choices within a budget, against all there are.</summary>
public class PlanSolverTests
{
    [Fact]
    public void ItComesNearTheBestOfAll()
    {
        var random = new Random(5);
        double worst = 1;
        for (int n = 0; n < 300; n++)
        {
            var weights = Draw(random, random.Next(1, 6), random.Next(1, 5));
            long least = weights.Sum(w => w.Min(c => c.Bytes)), most = weights.Sum(w => w.Max(c => c.Bytes));
            long budget = least + (long)(random.NextDouble() * (most - least));
            int[] chosen = PlanSolver.Solve(weights, budget)!;
            Assert.True(Bytes(weights, chosen) <= budget);
            var (best, damage) = (Best(weights, 0, budget)!.Value, Damage(weights, chosen));
            worst = Math.Max(worst, best == 0 ? damage == 0 ? 1 : double.PositiveInfinity : damage / best);
        }
        Assert.True(worst < 1.2, $"{worst} times the best");
    }

    [Fact]
    public void ManyWeightsUseNearlyAllOfTheBudgetAndMoreBytesHurtLess()
    {
        var weights = Draw(new Random(7), 200, 8);
        long least = weights.Sum(w => w.Min(c => c.Bytes)), most = weights.Sum(w => w.MinBy(c => c.Damage).Bytes);
        double previous = double.PositiveInfinity;
        for (int percent = 5; percent < 100; percent += 10)
        {
            long budget = least + (most - least) * percent / 100;
            int[] chosen = PlanSolver.Solve(weights, budget)!;
            Assert.InRange(Bytes(weights, chosen), (long)(0.98 * budget), budget);
            Assert.True(Damage(weights, chosen) < previous);
            previous = Damage(weights, chosen);
            Assert.Equal(chosen, PlanSolver.Solve(weights, budget)!);
        }
    }

    [Fact]
    public void WhatDoesNotFitIsNull()
    {
        PlanChoice[][] weights = [[new(10, 1), new(20, 0)], [new(5, 1)]];
        Assert.Null(PlanSolver.Solve(weights, 14));
        Assert.Equal([0, 0], PlanSolver.Solve(weights, 15)!);
        Assert.Equal([1, 0], PlanSolver.Solve(weights, 25)!);
        Assert.Empty(PlanSolver.Solve([], 0)!);
    }

    private static PlanChoice[][] Draw(Random random, int weights, int choices) =>
        [.. Enumerable.Range(0, weights).Select(_ =>
        {
            double scale = Math.Pow(10, 4 * random.NextDouble());
            int elements = random.Next(10, 1000);
            return Enumerable.Range(0, choices).Select(_ =>
            {
                double bits = 1 + 7 * random.NextDouble();
                return new PlanChoice((long)(elements * bits) + 1, scale * Math.Pow(4, -bits) * (0.5 + random.NextDouble()));
            }).ToArray();
        })];

    private static double? Best(PlanChoice[][] weights, int from, long budget)
    {
        if (budget < 0) return null;
        if (from == weights.Length) return 0;
        return weights[from].Select(c => Best(weights, from + 1, budget - c.Bytes) + c.Damage).Min();
    }

    private static long Bytes(PlanChoice[][] weights, int[] chosen) => weights.Zip(chosen).Sum(p => p.First[p.Second].Bytes);

    private static double Damage(PlanChoice[][] weights, int[] chosen) => weights.Zip(chosen).Sum(p => p.First[p.Second].Damage);
}
