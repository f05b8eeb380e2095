using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>One step of an LSTM or GRU, written out in layers. States are matrices <c>[B, H]</c>, or <c>[1, B, H]</c>.</summary>
/// <param name="Kind">What it is a step of.</param>
/// <param name="Functions">Its activations, in ONNX's order.</param>
/// <param name="Hidden">The new hidden state.</param>
/// <param name="Cell">The new cell state of an LSTM.</param>
/// <param name="Previous">The previous state: of an LSTM the cell state, of a GRU the hidden one.</param>
/// <param name="Gates">The arguments of the gates in ONNX's order, linear in the input and in the previous hidden state.</param>
/// <param name="Candidate">Of a GRU that resets behind the product, what the reset gate multiplies.</param>
/// <param name="Path">All layers of it.</param>
internal sealed record RecurrentCell(
    Operators.Recurrence Kind, ImmutableArray<Activation> Functions, Value Hidden, Value? Cell, Value Previous, ImmutableArray<LinearForm> Gates, LinearForm? Candidate, ImmutableArray<Layer> Path)
{
    /// <summary>H.</summary>
    public long Size => Gates[0].Count;

    /// <summary>What gates depend on: the input and the previous hidden state.</summary>
    public IEnumerable<Atom> Atoms => Gates.SelectMany(static g => g.Terms).Concat(Candidate?.Terms ?? []).Select(static t => t.Atom).Distinct();

    /// <summary>The same as values, steps that are computed for a whole sequence apart.</summary>
    public IEnumerable<Value> Operands => Gates.SelectMany(static g => g.Terms).Select(static t => t.Operand).OfType<Value>().Distinct();

    /// <summary>The operator of one direction.</summary>
    public Operators.Recurrence Operator
    {
        get
        {
            var op = Kind with { HiddenSize = Size };
            if (Functions.Select(static f => f.Name).SequenceEqual(op.DefaultActivations)) return op;
            return op with { Activations = [.. Functions.Select(static f => f.Name)], ActivationAlpha = [.. Functions.Select(static f => f.Alpha).OfType<float>()], ActivationBeta = [.. Functions.Select(static f => f.Beta).OfType<float>()] };
        }
    }

    /// <summary>The cell whose new hidden state a value is, or null.</summary>
    public static RecurrentCell? Of(Value hidden, RewriteContext context) => Atom.IsMatrix(hidden)
        ? hidden.Producer?.Operator switch { Mul => Lstm(hidden), Add or Sub => GruCell.Of(hidden, context), _ => null }
        : null;

    /// <summary>True when both are steps of the same operator.</summary>
    public bool IsLike(RecurrentCell other) => Kind.GetType() == other.Kind.GetType() && Candidate is null == other.Candidate is null && Functions.Zip(other.Functions).All(static f => f.First.IsLike(f.Second));

    // h' = o · h(c'), c' = f · c + i · g
    private static RecurrentCell? Lstm(Value hidden)
    {
        var root = hidden.Producer!;
        if (Gated(root) is not var (output, shown) || shown.Argument is not { Producer: { Operator: Add, Inputs: [{ Producer: { } left }, { Producer: { } right }] } sum } cell) return null;
        foreach (var (kept, written) in new[] { (left, right), (right, left) })
        {
            if (Gated(written) is not var (input, candidate) || kept is not { Operator: Mul, Inputs: [{ } a, { } b] }) continue;
            foreach (var (forget, previous) in new[] { (Activation.OfGate(a), b), (Activation.OfGate(b), a) })
            {
                if (forget is null || !forget.IsLike(input) || !forget.IsLike(output) || !Match.SameShape(previous, cell) || !Match.SameShape(hidden, cell)) continue;
                Activation[] gates = [input, output, forget, candidate];
                LinearForm[] forms = [.. gates.Select(g => LinearForm.Of(g.Argument)).OfType<LinearForm>()];
                if (forms.Length < gates.Length || forms.Any(f => !f.IsWeighted || f.Count != Lanes.Width(hidden))) continue;
                return new(new Lstm(), [input, candidate, shown], hidden, cell, previous, [.. forms], null, [root, sum, kept, written, shown.Layer, .. gates.Select(static g => g.Layer), .. forms.SelectMany(static f => f.Path)]);
            }
        }
        return null;
    }

    // The product of a gate and an activated state.
    private static (Activation Gate, Activation State)? Gated(Layer layer)
    {
        if (layer is not { Operator: Mul, Inputs: [{ } a, { } b] }) return null;
        if (Activation.OfGate(a) is { } first && Activation.OfState(b) is { } second) return (first, second);
        return Activation.OfGate(b) is { } gate && Activation.OfState(a) is { } state ? (gate, state) : null;
    }
}
