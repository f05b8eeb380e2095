using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the tree ensembles.</summary>
internal static class TreeReference
{
    public static Tensor Evaluate(TreeEnsemble op, ReferenceContext context) =>
        Regress(DecisionForest.Of(op), context[0], context[0].ElementType, (int)op.Targets, op.Aggregate, [], op.PostTransform);

    public static Tensor Evaluate(TreeEnsembleRegressor op, ReferenceContext context) =>
        Regress(DecisionForest.Of(op), context[0], ElementType.Float32, (int)op.Targets, op.Aggregate, Bases(op), op.PostTransform);

    private static Tensor Regress(DecisionForest forest, Tensor data, ElementType type, int targets, TreeAggregate aggregate, double[] bases, ScoreFunction function)
    {
        var (rows, features, x) = SupportVectorReference.Rows(data);
        var result = new double[Slabs.Checked(ElementType.Float64, [rows, targets]) is [var r, var t] ? r * t : 0];
        for (int row = 0; row < rows; row++)
        {
            var scores = result.AsSpan(row * targets, targets);
            forest.Score(x.AsSpan(row * features, features), aggregate, scores);
            for (int i = 0; i < targets && bases.Length > 0; i++) scores[i] += bases[bases.Length == 1 ? 0 : i];
            // A single score is not normalised over its row.
            if (targets > 1 || function is ScoreFunction.Probit or ScoreFunction.Logistic) ScoreTransforms.Apply(function, scores);
        }
        return Tensor.FromDoubles(type, [rows, targets], result);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(TreeEnsembleClassifier op, ReferenceContext context)
    {
        var forest = DecisionForest.Of(op);
        var (rows, features, x) = SupportVectorReference.Rows(context[0]);
        int columns = Math.Max(op.Classes, 2);
        double[] bases = Bases(op), weights = op.VoteWeightsTensor?.Materialize().ToDoubles() ?? [.. op.VoteWeights.Select(w => (double)w)];
        bool oneSided = op.VoteIds.Distinct().Count() == 1, positive = weights.All(w => w >= 0);
        var labels = new int[rows];
        var result = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            var scores = result.AsSpan(row * columns, columns);
            var voted = forest.Score(x.AsSpan(row * features, features), TreeAggregate.Sum, scores);
            if (op.Classes > 2)
            {
                for (int i = 0; i < bases.Length && i < columns; i++) scores[i] += bases[i];
                labels[row] = Largest(scores);
                ScoreTransforms.Apply(op.PostTransform, scores);
            }
            else labels[row] = oneSided ? OneSided(op, scores, scores[(int)op.VoteIds[0]] + (bases.Length > 0 ? bases[^1] : 0), positive) : TwoSided(op, scores, voted, bases);
        }
        return
        [
            op.LabelStrings.IsEmpty
                ? Tensor.Vector<long>([.. labels.Select(l => op.LabelInts.Length > l ? op.LabelInts[l] : l)])
                : Tensor.FromStrings([rows], [.. labels.Select(l => op.LabelStrings[Math.Min(l, op.LabelStrings.Length - 1)])]),
            Tensor.FromDoubles(ElementType.Float32, [rows, columns], result),
        ];
    }

    // All votes are for one of two classes: the sum is a probability where no weight is negative, otherwise a margin.
    private static int OneSided(TreeEnsembleClassifier op, Span<double> scores, double sum, bool probability)
    {
        bool logistic = op.PostTransform == ScoreFunction.Logistic;
        (scores[0], scores[1]) = probability && !logistic ? (1 - sum, sum) : (-sum, sum);
        if (logistic) ScoreTransforms.Apply(op.PostTransform, scores);
        return sum > (probability ? 0.5 : 0) ? 1 : 0;
    }

    private static int TwoSided(TreeEnsembleClassifier op, Span<double> scores, bool[] voted, double[] bases)
    {
        for (int i = 0; i < bases.Length && i < 2; i++) scores[i] += bases[i];
        int label = voted[0] || voted[1] ? Largest(scores) : 0;
        ScoreTransforms.Apply(op.PostTransform, scores);
        return label;
    }

    private static int Largest(ReadOnlySpan<double> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best]) best = i;
        }
        return best;
    }

    private static double[] Bases(NumberedTrees op) => op.BaseValuesTensor?.Materialize().ToDoubles() ?? [.. op.BaseValues.Select(b => (double)b)];
}
