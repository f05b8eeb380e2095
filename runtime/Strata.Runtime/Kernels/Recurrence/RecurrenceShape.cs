using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Recurrence;

/// <summary>The sizes of a recurrence and where its elements lie, with all operands checked against one another.</summary>
internal sealed record RecurrenceShape(Operators.Recurrence Operator, int Sequence, int Batch, int Features, int Hidden)
{
    private readonly bool batchFirst = Operator.Layout == 1;

    /// <summary>1 or 2.</summary>
    public int Directions { get; } = Operator.Directions;

    /// <summary>Rows of the weights of a direction.</summary>
    public int Gated { get; } = Operator.Gates * Hidden;

    /// <summary>
    /// Gates whose state part is computed together, and those after them: a GRU that resets the state itself needs the reset
    /// gate before the candidate's product.
    /// </summary>
    public (int First, int Second) Groups { get; } = Operator is Gru { LinearBeforeReset: false } ? (2 * Hidden, Hidden) : (Operator.Gates * Hidden, 0);

    /// <summary>True when a direction visits the sequence from its end.</summary>
    public bool IsReverse(int direction) => direction == 1 || Operator.Direction == RecurrenceDirection.Reverse;

    /// <summary>The row of x that holds a step.</summary>
    public long Row(int step, int row) => batchFirst ? (long)row * Sequence + step : (long)step * Batch + row;

    /// <summary>Position in y.</summary>
    public long Result(int direction, int step, int row) => (batchFirst ? Row(step, row) * Directions + direction : ((long)step * Directions + direction) * Batch + row) * Hidden;

    /// <summary>Position in initial and final states.</summary>
    public long State(int direction, int row) => (batchFirst ? (long)row * Directions + direction : (long)direction * Batch + row) * Hidden;

    /// <summary>The shape of a layer; null when operands and results do not fit together.</summary>
    public static RecurrenceShape? Of(KernelRequest request)
    {
        var op = (Operators.Recurrence)request.Operator;
        int[] x = request.Input(0).Dims, r = request.Input(2).Dims;
        if (x.Length != 3 || r.Length != 3) return null;
        bool batchFirst = op.Layout == 1;
        var shape = new RecurrenceShape(op, x[batchFirst ? 1 : 0], x[batchFirst ? 0 : 1], x[2], r[2]);
        int[] states = batchFirst ? [shape.Batch, shape.Directions, shape.Hidden] : [shape.Directions, shape.Batch, shape.Hidden];
        int[] results = batchFirst ? [shape.Batch, shape.Sequence, shape.Directions, shape.Hidden] : [shape.Sequence, shape.Directions, shape.Batch, shape.Hidden];
        return (long)shape.Sequence * shape.Batch <= int.MaxValue
            && Fits(1, shape.Directions, shape.Gated, shape.Features)
            && Fits(2, shape.Directions, shape.Gated, shape.Hidden)
            && Fits(3, shape.Directions, 2 * shape.Gated)
            && Fits(4, shape.Batch)
            && Enumerable.Range(5, op.States).All(i => Fits(i, states))
            && Fits(5 + op.States, shape.Directions, 3 * shape.Hidden)
            && request.Outputs.Select((o, i) => o is null || o.Dims.AsSpan().SequenceEqual(i == 0 ? results : states)).All(fits => fits)
            ? shape : null;

        bool Fits(int input, params ReadOnlySpan<int> dims) => !request.Has(input) || request.Input(input).Dims.AsSpan().SequenceEqual(dims);
    }
}
