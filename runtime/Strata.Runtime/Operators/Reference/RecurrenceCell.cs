namespace Strata.Operators.Reference;

/// <summary>One step of a recurrence for one batch row.</summary>
internal abstract class RecurrenceCell(ReferenceContext context, Recurrence op, int direction, int hidden, double[] r, double[] wb, double[] rb)
{
    private readonly double clip = op.Clip ?? double.PositiveInfinity;
    private readonly double[] previous = new double[hidden], fromState = new double[op.Gates * hidden];

    /// <summary>r <c>[hidden, gates · hidden]</c>, the biases of input and state <c>[gates · hidden]</c>, peephole weights <c>[3 · hidden]</c>.</summary>
    public static RecurrenceCell Create(ReferenceContext context, Recurrence op, int direction, int hidden, double[] r, double[] wb, double[] rb, double[]? peepholes) => op switch
    {
        Lstm lstm => new LstmCell(context, lstm, direction, hidden, r, wb, rb, peepholes),
        Gru gru => new GruCell(context, gru, direction, hidden, r, wb, rb),
        _ => new RnnCell(context, op, direction, hidden, r, wb, rb),
    };

    protected Func<double, double>[] Activations { get; } = RecurrenceActivation.Resolve(op, direction);

    protected int Hidden => hidden;

    /// <summary>Replaces the state, given the input's contributions to all gates.</summary>
    public abstract void Step(ReadOnlySpan<double> fromInput, Span<double> h, Span<double> c);

    /// <summary>An activation of its clipped argument.</summary>
    protected double Activate(int activation, double x) => Activations[activation](x < -clip ? -clip : x > clip ? clip : x);

    protected double InputPart(ReadOnlySpan<double> fromInput, int gate, int j) => fromInput[gate * hidden + j] + wb[gate * hidden + j];

    protected double StatePart(int gate, int j) => fromState[gate * hidden + j] + rb[gate * hidden + j];

    /// <summary>Makes <see cref="StatePart"/> that of a state.</summary>
    protected void Project(ReadOnlySpan<double> h)
    {
        h.CopyTo(previous);
        Array.Clear(fromState);
        MatrixProduct.Accumulate(context, previous, 0, r, 0, fromState, 0, 1, hidden, fromState.Length);
    }

    private sealed class RnnCell(ReferenceContext context, Recurrence op, int direction, int hidden, double[] r, double[] wb, double[] rb) : RecurrenceCell(context, op, direction, hidden, r, wb, rb)
    {
        public override void Step(ReadOnlySpan<double> fromInput, Span<double> h, Span<double> c)
        {
            Project(h);
            for (int j = 0; j < Hidden; j++) h[j] = Activate(0, InputPart(fromInput, 0, j) + StatePart(0, j));
        }
    }

    private sealed class GruCell(ReferenceContext context, Gru op, int direction, int hidden, double[] r, double[] wb, double[] rb) : RecurrenceCell(context, op, direction, hidden, r, wb, rb)
    {
        private readonly double[] update = new double[hidden], reset = new double[hidden], gated = new double[hidden], state = new double[hidden];

        public override void Step(ReadOnlySpan<double> fromInput, Span<double> h, Span<double> c)
        {
            h.CopyTo(state);
            Project(state);
            for (int j = 0; j < Hidden; j++)
            {
                update[j] = Activate(0, InputPart(fromInput, 0, j) + StatePart(0, j));
                reset[j] = Activate(0, InputPart(fromInput, 1, j) + StatePart(1, j));
                gated[j] = reset[j] * state[j];
            }
            if (!op.LinearBeforeReset) Project(gated);
            for (int j = 0; j < Hidden; j++)
            {
                double fromState = StatePart(2, j);
                double candidate = Activate(1, InputPart(fromInput, 2, j) + (op.LinearBeforeReset ? reset[j] * fromState : fromState));
                h[j] = (1 - update[j]) * candidate + update[j] * state[j];
            }
        }
    }

    private sealed class LstmCell(ReferenceContext context, Lstm op, int direction, int hidden, double[] r, double[] wb, double[] rb, double[]? peepholes) : RecurrenceCell(context, op, direction, hidden, r, wb, rb)
    {
        public override void Step(ReadOnlySpan<double> fromInput, Span<double> h, Span<double> c)
        {
            Project(h);
            for (int j = 0; j < Hidden; j++)
            {
                double input = Activate(0, InputPart(fromInput, 0, j) + StatePart(0, j) + Peephole(0, j, c[j]));
                double forget = op.InputForget ? 1 - input : Activate(0, InputPart(fromInput, 2, j) + StatePart(2, j) + Peephole(2, j, c[j]));
                double candidate = Activate(1, InputPart(fromInput, 3, j) + StatePart(3, j));
                c[j] = forget * c[j] + input * candidate;
                double output = Activate(0, InputPart(fromInput, 1, j) + StatePart(1, j) + Peephole(1, j, c[j]));
                h[j] = output * Activations[2](c[j]);
            }
        }

        // Peephole weights come in the order i, o, f, as the gates do.
        private double Peephole(int gate, int j, double state) => peepholes is null ? 0 : peepholes[gate * Hidden + j] * state;
    }
}
