using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>The functions of <see cref="ScoreFunction"/> on one row.</summary>
internal static class ScoreTransforms
{
    public static Tensor Evaluate(ScoreTransform op, ReferenceContext context)
    {
        var scores = context[0];
        if (scores.Rank != 2) throw ReferenceContext.Fail($"the scores must be a matrix, are {scores}");
        var values = scores.ToDoubles();
        for (int row = 0; row < scores.Dims[0]; row++) Apply(op.Function, values.AsSpan(row * scores.Dims[1], scores.Dims[1]));
        return Tensor.FromDoubles(scores.ElementType, scores.Dims.AsSpan(), values);
    }

    public static void Apply(ScoreFunction function, Span<double> row)
    {
        if (row.IsEmpty) return;
        switch (function)
        {
            case ScoreFunction.Logistic:
                foreach (ref double x in row) x = Logistic(x);
                break;
            case ScoreFunction.Probit:
                foreach (ref double x in row) x = Math.Sqrt(2) * InverseErf(2 * x - 1);
                break;
            case ScoreFunction.Softmax or ScoreFunction.SoftmaxZero:
                double largest = double.NegativeInfinity, sum = 0;
                foreach (double x in row) largest = Math.Max(largest, x);
                foreach (ref double x in row)
                {
                    // Scores this close to zero count as absent.
                    bool absent = function == ScoreFunction.SoftmaxZero && Math.Abs(x) <= 1e-7;
                    x = absent ? x * Math.Exp(-largest) : Math.Exp(x - largest);
                    sum += x;
                }
                foreach (ref double x in row) x = sum == 0 ? 0.5 : x / sum;
                break;
            case ScoreFunction.None:
            default:
                break;
        }
    }

    public static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    // Winitzki's approximation, which every runtime of these models uses; its error of 2e-3 is part of their outputs.
    private static double InverseErf(double x)
    {
        double product = (1 - x) * (1 + x);
        if (product == 0) return 0;
        double log = Math.Log(product), v = 2 / (Math.PI * 0.147) + 0.5 * log;
        return (x < 0 ? -1 : 1) * Math.Sqrt(-v + Math.Sqrt(v * v - log / 0.147));
    }
}
