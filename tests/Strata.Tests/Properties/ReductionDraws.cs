using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

internal static class ReductionDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("reduce_max", g => Reduce(g, new ReduceMax())),
        new("reduce_min", g => Reduce(g, new ReduceMin())),
        new("reduce_mean", g => Reduce(g, new ReduceMean(), mayBeEmpty: false)),
        new("reduce_prod", g => Reduce(g, new ReduceProd())),
        new("reduce_sum", g => Reduce(g, new ReduceSum())),
        new("reduce_l1", g => Reduce(g, new ReduceL1())),
        new("reduce_l2", g => Reduce(g, new ReduceL2())),
        new("reduce_log_sum", g => Reduce(g, new ReduceLogSum())),
        new("reduce_log_sum_exp", g => Reduce(g, new ReduceLogSumExp())),
        new("reduce_sum_square", g => Reduce(g, new ReduceSumSquare())),
        new("arg_max", g => { var x = g.Any(g.Numeric, 1, mayBeEmpty: false); g.Add(new ArgMax { Axis = g.Axis(g.At(x).Rank), KeepDims = g.Chance(0.5), SelectLastIndex = g.Chance(0.5) }, x); }),
        new("arg_min", g => { var x = g.Any(g.Numeric, 1, mayBeEmpty: false); g.Add(new ArgMin { Axis = g.Axis(g.At(x).Rank), KeepDims = g.Chance(0.5), SelectLastIndex = g.Chance(0.5) }, x); }),
        new("top_k", TopK),
        new("cum_sum", g => Cumulate(g, new CumSum { Exclusive = g.Chance(0.3), Reverse = g.Chance(0.3) })),
        new("cum_prod", g => Cumulate(g, new CumProd { Exclusive = g.Chance(0.3), Reverse = g.Chance(0.3) })),
        new("softmax", g => Along(g, axis => new Softmax { Axis = axis })),
        new("log_softmax", g => Along(g, axis => new LogSoftmax { Axis = axis })),
        new("hardmax", g => Along(g, axis => new Hardmax { Axis = axis })),
        new("lp_normalization", g => Along(g, axis => new LpNormalization { Axis = axis, P = g.Next(1, 2) })),
    ];

    private static void Reduce(NetworkGenerator g, Reduction op, bool mayBeEmpty = true)
    {
        var x = g.Any(() => g.Chance(0.7) ? g.Float() : g.Choose(ElementType.Int32, ElementType.Int64), mayBeEmpty: mayBeEmpty);
        g.Add(op with { KeepDims = g.Chance(0.5), NoopWithEmptyAxes = g.Chance(0.3) }, x, g.Chance(0.3) ? null : g.Ints(g.Axes(g.At(x).Rank)));
    }

    private static void TopK(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 1, mayBeEmpty: false);
        int[] dims = g.DimsOf(x);
        long axis = g.Axis(dims.Length);
        g.AddMany(new TopK { Axis = axis, Largest = g.Chance(0.5), Sorted = g.Chance(0.7) }, 2, 1, x, g.Ints(g.Next(0, dims[axis < 0 ? axis + dims.Length : axis])));
    }

    private static void Cumulate(NetworkGenerator g, Cumulation op)
    {
        var x = g.Any(() => g.Choose(ElementType.Float32, ElementType.Float64, ElementType.Int32, ElementType.Int64), 1);
        g.Add(op, x, g.Small(g.Chance(0.5) ? Tensor.Scalar(g.Axis(g.At(x).Rank)) : Tensor.Scalar((int)g.Axis(g.At(x).Rank))));
    }

    private static void Along(NetworkGenerator g, Func<long, Operator> op)
    {
        var x = g.Any(g.Float, 1);
        g.Add(op(g.Axis(g.At(x).Rank)), x);
    }
}
