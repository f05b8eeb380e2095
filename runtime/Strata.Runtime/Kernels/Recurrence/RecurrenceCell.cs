using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;
using Strata.Operators;

namespace Strata.Kernels.Recurrence;

/// <summary>
/// One step of one batch row of a direction. <c>z</c> holds the state's part of all gates and is consumed, <c>x</c> the input's,
/// <c>h</c> and <c>c</c> the states that are replaced.
/// </summary>
internal sealed unsafe class RecurrenceCell<V> where V : struct, ISimd<V>
{
    // Those whose kernels give what the reference gives for NaN, too.
    private static readonly Dictionary<string, Func<float, float, ElementFunction>> Functions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Relu"] = static (_, _) => new UnaryF32<ClampOp>(new(0, float.PositiveInfinity)),
        ["Tanh"] = static (_, _) => new UnaryF32<TanhOp>(default),
        ["Sigmoid"] = static (_, _) => new UnaryF32<SigmoidOp>(default),
        ["LeakyRelu"] = static (a, _) => new UnaryF32<LeakyReluOp>(new(a)),
        ["HardSigmoid"] = static (a, b) => new UnaryF32<HardSigmoidOp>(new(a, b)),
        ["Elu"] = static (a, _) => new UnaryF32<EluOp>(new(a)),
        ["Softsign"] = static (_, _) => new UnaryF32<SoftsignOp>(default),
        ["Softplus"] = static (_, _) => new UnaryF32<SoftplusOp>(default),
    };

    private readonly Operators.Recurrence op;
    private readonly int hidden;
    private readonly float bound;
    private readonly ElementFunction[] functions;

    public RecurrenceCell(RecurrenceShape shape, int direction)
    {
        (op, hidden, bound) = (shape.Operator, shape.Hidden, shape.Operator.Clip ?? float.PositiveInfinity);
        functions = [.. RecurrenceActivation.Named(op, direction).Select(n => Functions[n.Activation.Name]((float)n.Alpha, (float)n.Beta))];
    }

    /// <summary>True when all activations have kernels.</summary>
    public static bool Supports(Operators.Recurrence op) => (op.Activations.IsEmpty ? op.DefaultActivations : op.Activations).All(Functions.ContainsKey);

    /// <summary>Before the second product of a GRU that resets the state: makes z and r of the first two gates, and <paramref name="reset"/> r · h.</summary>
    public void Reset(float* z, float* x, float* h, float* reset)
    {
        Gate(0, z, x, 2 * hidden);
        RecurrenceLoops<V>.Multiply(z + hidden, h, reset, hidden);
    }

    /// <summary>Replaces the states. Peephole weights or null.</summary>
    public void Step(float* z, float* x, float* h, float* c, float* peepholes)
    {
        if (op is Lstm lstm) Lstm(lstm, z, x, h, c, peepholes);
        else if (op is Gru gru) Gru(gru, z, x, h);
        else
        {
            Gate(0, z, x, hidden);
            new Span<float>(z, hidden).CopyTo(new(h, hidden));
        }
    }

    private void Lstm(Lstm lstm, float* z, float* x, float* h, float* c, float* peepholes)
    {
        float* input = z, output = z + hidden, forget = z + 2 * hidden, candidate = z + 3 * hidden;
        if (peepholes is null && !lstm.InputForget) Gate(0, z, x, 3 * hidden);
        else
        {
            Peephole(0);
            if (lstm.InputForget) RecurrenceLoops<V>.Complement(input, forget, hidden);
            else Peephole(2);
        }
        Gate(1, candidate, x + 3 * hidden, hidden);
        RecurrenceLoops<V>.Blend(input, candidate, forget, c, hidden);
        if (peepholes is not null || lstm.InputForget) Peephole(1);
        Activate(2, c, h, hidden);
        RecurrenceLoops<V>.Multiply(output, h, h, hidden);

        void Peephole(int gate)
        {
            int at = gate * hidden;
            if (peepholes is null)
            {
                Gate(0, z + at, x + at, hidden);
                return;
            }
            RecurrenceLoops<V>.AddProduct(peepholes + at, c, z + at, x + at, hidden, bound);
            Activate(0, z + at, z + at, hidden);
        }
    }

    private void Gru(Gru gru, float* z, float* x, float* h)
    {
        float* reset = z + hidden, candidate = z + 2 * hidden;
        if (gru.LinearBeforeReset)
        {
            Gate(0, z, x, 2 * hidden);
            RecurrenceLoops<V>.ScaleAdd(reset, candidate, x + 2 * hidden, hidden, bound);
            Activate(1, candidate, candidate, hidden);
        }
        else Gate(1, candidate, x + 2 * hidden, hidden);
        RecurrenceLoops<V>.Complement(z, reset, hidden);
        RecurrenceLoops<V>.Blend(reset, candidate, z, h, hidden);
    }

    private void Gate(int function, float* z, float* x, int count)
    {
        RecurrenceLoops<V>.Add(z, x, count, bound);
        Activate(function, z, z, count);
    }

    private void Activate(int function, float* from, float* to, int count) => functions[function].Apply((byte*)from, null, null, 1, (byte*)to, count);
}
