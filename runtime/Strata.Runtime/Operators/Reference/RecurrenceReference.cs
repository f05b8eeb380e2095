using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>
/// Evaluates <see cref="Recurrence"/> operators in binary64. Sequences shorter than the longest end early: their outputs
/// beyond are zero, their final state is that of their last element (zero without any), and the reverse direction starts there.
/// </summary>
internal static class RecurrenceReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(Recurrence op, ReferenceContext context)
    {
        Tensor x = context[0], r = context[2];
        if (x.Rank != 3 || r.Rank != 3 || context[1].Rank != 3) throw ReferenceContext.Fail("the input and both weights must have rank 3");
        bool batchFirst = op.Layout == 1;
        int sequence = x.Dims[batchFirst ? 1 : 0], batch = x.Dims[batchFirst ? 0 : 1], features = x.Dims[2];
        int directions = op.Directions, hidden = r.Dims[2], rows = op.Gates * hidden;
        Require(1, directions, rows, features);
        Require(2, directions, rows, hidden);
        Require(3, directions, 2 * rows);
        Require(5 + op.States, directions, 3 * hidden);
        int[] stateDims = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
        for (int s = 0; s < op.States; s++) Require(5 + s, stateDims);

        long[] lengths = context.Tensor(4)?.ToInt64s() ?? [.. Enumerable.Repeat((long)sequence, batch)];
        if (lengths.Length != batch || lengths.Any(l => l < 0 || l > sequence)) throw ReferenceContext.Fail($"sequence lengths must be {batch} values from 0 to {sequence}");
        double[] input = x.ToDoubles(), w = context[1].ToDoubles(), rw = r.ToDoubles();
        double[]? bias = context.Tensor(3)?.ToDoubles(), peepholes = op.States > 1 ? context.Tensor(7)?.ToDoubles() : null;
        int[] yDims = batchFirst ? [batch, sequence, directions, hidden] : [sequence, directions, batch, hidden];
        var y = new double[Tensor.CountOf(yDims)];
        var states = new double[2][]; // the second stays unused where an operator has one state
        for (int s = 0; s < 2; s++) states[s] = (s < op.States ? context.Tensor(5 + s)?.ToDoubles() : null) ?? new double[Tensor.CountOf(stateDims)];

        for (int d = 0; d < directions; d++)
        {
            // Contributions of the input to all gates of all steps at once.
            var fromInput = new double[Tensor.CountOf([sequence, batch, rows])];
            MatrixProduct.Accumulate(context, input, 0, MatrixProduct.Transpose(w, d * rows * features, rows, features), 0, fromInput, 0, sequence * batch, features, rows);
            double[] wb = bias?[(2 * d * rows)..((2 * d + 1) * rows)] ?? new double[rows], rb = bias?[((2 * d + 1) * rows)..((2 * d + 2) * rows)] ?? new double[rows];
            var cell = RecurrenceCell.Create(context, op, d, hidden, MatrixProduct.Transpose(rw, d * rows * hidden, rows, hidden), wb, rb, peepholes?[(3 * d * hidden)..(3 * (d + 1) * hidden)]);
            bool reverse = op.Direction == RecurrenceDirection.Reverse || d == 1;
            for (int b = 0; b < batch; b++)
            {
                int stateAt = (batchFirst ? b * directions + d : d * batch + b) * hidden;
                Span<double> h = states[0].AsSpan(stateAt, hidden), c = states[1].AsSpan(stateAt, hidden);
                if (lengths[b] == 0)
                {
                    h.Clear();
                    c.Clear();
                }
                for (int step = 0; step < lengths[b]; step++)
                {
                    int t = reverse ? (int)lengths[b] - 1 - step : step;
                    cell.Step(fromInput.AsSpan((batchFirst ? b * sequence + t : t * batch + b) * rows, rows), h, c);
                    h.CopyTo(y.AsSpan((batchFirst ? (b * sequence + t) * directions + d : (t * directions + d) * batch + b) * hidden, hidden));
                }
            }
        }

        RuntimeValue?[] results = [Tensor.FromDoubles(x.ElementType, yDims, y), .. states[..op.States].Select(s => Tensor.FromDoubles(x.ElementType, stateDims, s))];
        return results[..Math.Min(results.Length, Math.Max(context.OutputCount, 1))];

        void Require(int index, params ReadOnlySpan<int> dims)
        {
            if (context.Tensor(index) is { } operand && !operand.Dims.AsSpan().SequenceEqual(dims)) throw ReferenceContext.Fail($"input {index} must have shape [{Tensor.Format(dims)}], is {operand}");
        }
    }
}
