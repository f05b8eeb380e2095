using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="SvmRegressor"/> and <see cref="SvmClassifier"/>; pairwise voting and coupling as in LIBSVM (Wu, Lin, Weng, 2004).</summary>
internal static class SupportVectorReference
{
    public static Tensor Evaluate(SvmRegressor op, ReferenceContext context)
    {
        var (rows, features, x) = Rows(context[0]);
        int vectors = (int)op.Supports;
        if (features != (vectors > 0 ? op.SupportVectors.Length / vectors : op.Coefficients.Length)) throw ReferenceContext.Fail($"{context[0]} has other features than the model");
        var result = new double[rows];
        for (int r = 0; r < rows; r++)
        {
            var row = x.AsSpan(r * features, features);
            double sum = op.Rho[0];
            if (vectors == 0) sum += Compare(op, KernelFunction.Linear, row, op.Coefficients.AsSpan());
            for (int v = 0; v < vectors; v++) sum += op.Coefficients[v] * Compare(op, op.Kernel, row, op.SupportVectors.AsSpan().Slice(v * features, features));
            result[r] = op.OneClass ? sum > 0 ? 1 : -1 : sum;
            ScoreTransforms.Apply(op.PostTransform, result.AsSpan(r, 1));
        }
        return Tensor.FromDoubles(ElementType.Float32, [rows, 1], result);
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(SvmClassifier op, ReferenceContext context)
    {
        var (rows, features, x) = Rows(context[0]);
        int vectors = op.HasVectors ? (int)op.VectorsPerClass.Sum() : 0, columns = op.Columns;
        if (features != (vectors > 0 ? op.SupportVectors.Length / vectors : op.Coefficients.Length / op.Classes)) throw ReferenceContext.Fail($"{context[0]} has other features than the model");
        var labels = new int[rows];
        var result = new double[rows * columns];
        for (int r = 0; r < rows; r++)
        {
            var row = x.AsSpan(r * features, features);
            var (scores, votes) = vectors > 0 ? Pairwise(op, row, vectors) : (Linear(op, row), null);
            bool probabilities = vectors > 0 && op.ProbA.Length > 0;
            if (probabilities) scores = Probabilities(op, scores);
            double[] deciding = votes ?? scores;
            int best = Array.IndexOf(deciding, deciding.Max());
            labels[r] = Label(op, best, deciding[best]);
            Write(op, scores, result.AsSpan(r * columns, columns));
        }
        return [Labels(op, labels), Tensor.FromDoubles(ElementType.Float32, [rows, columns], result)];
    }

    // With one offset and other than two classes the sign alone decides; such models say 1 or 0.
    private static int Label(SvmClassifier op, int best, double weight) => op.Rho.Length == 1 && op.Classes != 2 ? weight > 0 ? -1 : -2 : best;

    private static Tensor Labels(SvmClassifier op, int[] labels) => op.LabelStrings.IsEmpty
        ? Tensor.Vector<long>([.. labels.Select(l => l < 0 ? l + 2L : op.LabelInts.IsEmpty ? l : op.LabelInts[l])])
        : Tensor.FromStrings([labels.Length], [.. labels.Select(l => l < 0 ? l == -1 ? "1" : "0" : op.LabelStrings[l])]);

    private static void Write(SvmClassifier op, double[] scores, Span<double> target)
    {
        if (scores.Length == 1 && target.Length == 2)
        {
            (target[0], target[1]) = (-scores[0], scores[0]);
            if (op.PostTransform == ScoreFunction.Logistic) ScoreTransforms.Apply(op.PostTransform, target);
            return;
        }
        scores.CopyTo(target);
        if (scores.Length > 1 || op.PostTransform == ScoreFunction.Probit) ScoreTransforms.Apply(op.PostTransform, target);
    }

    private static double[] Linear(SvmClassifier op, ReadOnlySpan<double> row)
    {
        var scores = new double[op.Classes];
        for (int c = 0; c < scores.Length; c++) scores[c] = op.Rho[0] + Compare(op, KernelFunction.Linear, row, op.Coefficients.AsSpan().Slice(c * row.Length, row.Length));
        return scores;
    }

    private static (double[] Scores, double[] Votes) Pairwise(SvmClassifier op, ReadOnlySpan<double> row, int vectors)
    {
        int classes = op.Classes;
        var kernels = new double[vectors];
        for (int v = 0; v < vectors; v++) kernels[v] = Compare(op, op.Kernel, row, op.SupportVectors.AsSpan().Slice(v * row.Length, row.Length));
        var starts = new int[classes + 1];
        for (int c = 0; c < classes; c++) starts[c + 1] = starts[c] + (int)op.VectorsPerClass[c];
        var scores = new double[classes * (classes - 1) / 2];
        var votes = new double[classes];
        int pair = 0;
        for (int i = 0; i < classes; i++)
        {
            for (int j = i + 1; j < classes; j++)
            {
                double sum = op.Rho[pair];
                for (int v = starts[i]; v < starts[i + 1]; v++) sum += op.Coefficients[(j - 1) * vectors + v] * kernels[v];
                for (int v = starts[j]; v < starts[j + 1]; v++) sum += op.Coefficients[i * vectors + v] * kernels[v];
                votes[sum > 0 ? i : j]++;
                scores[pair++] = sum;
            }
        }
        return (scores, votes);
    }

    private static double[] Probabilities(SvmClassifier op, double[] scores)
    {
        int k = op.Classes, pair = 0;
        var r = new double[k, k];
        for (int i = 0; i < k; i++)
        {
            for (int j = i + 1; j < k; j++, pair++)
            {
                r[i, j] = Math.Clamp(1 - ScoreTransforms.Logistic(scores[pair] * op.ProbA[pair] + op.ProbB[pair]), 1e-7, 1 - 1e-7);
                r[j, i] = 1 - r[i, j];
            }
        }
        var q = new double[k, k];
        double[] p = new double[k], qp = new double[k];
        for (int t = 0; t < k; t++)
        {
            p[t] = 1.0 / k;
            for (int j = 0; j < k; j++)
            {
                if (j == t) continue;
                q[t, t] += r[j, t] * r[j, t];
                q[t, j] = -r[j, t] * r[t, j];
            }
        }
        for (int round = 0; round < Math.Max(100, k); round++)
        {
            double pqp = 0, error = 0;
            for (int t = 0; t < k; t++)
            {
                qp[t] = 0;
                for (int j = 0; j < k; j++) qp[t] += q[t, j] * p[j];
                pqp += p[t] * qp[t];
            }
            foreach (double value in qp) error = Math.Max(error, Math.Abs(value - pqp));
            if (error < 0.005 / k) break;
            for (int t = 0; t < k; t++)
            {
                double step = (pqp - qp[t]) / q[t, t];
                p[t] += step;
                pqp = (pqp + step * (step * q[t, t] + 2 * qp[t])) / (1 + step) / (1 + step);
                for (int j = 0; j < k; j++)
                {
                    qp[j] = (qp[j] + step * q[t, j]) / (1 + step);
                    p[j] /= 1 + step;
                }
            }
        }
        return p;
    }

    private static double Compare(SupportVectorMachine op, KernelFunction kernel, ReadOnlySpan<double> a, ReadOnlySpan<float> b)
    {
        double gamma = op.KernelParams.IsEmpty ? 0 : op.KernelParams[0], offset = op.KernelParams.IsEmpty ? 0 : op.KernelParams[1], sum = 0;
        for (int i = 0; i < a.Length; i++) sum += kernel == KernelFunction.Rbf ? (a[i] - b[i]) * (a[i] - b[i]) : a[i] * b[i];
        return kernel switch
        {
            KernelFunction.Poly => Math.Pow(gamma * sum + offset, op.KernelParams.IsEmpty ? 0 : op.KernelParams[2]),
            KernelFunction.Rbf => Math.Exp(-gamma * sum),
            KernelFunction.Sigmoid => Math.Tanh(gamma * sum + offset),
            _ => sum,
        };
    }

    /// <summary>The rows of an operand <c>[N, C]</c> or <c>[C]</c>.</summary>
    internal static (int Rows, int Features, double[] Values) Rows(Tensor data) => data.Rank switch
    {
        1 => (1, data.Dims[0], data.ToDoubles()),
        2 => (data.Dims[0], data.Dims[1], data.ToDoubles()),
        _ => throw ReferenceContext.Fail($"the operand must have rank 1 or 2, is {data}"),
    };
}
