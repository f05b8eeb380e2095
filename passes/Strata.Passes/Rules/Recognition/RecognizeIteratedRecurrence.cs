using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// A Scan or Loop whose body is a recurrence of one step and nothing else, as <see cref="RecognizeRecurrence"/> finds it → the recurrence over the whole
/// sequence. The input is a slice of one scanned sequence of matrices; of a Loop, what a Gather takes by the number of the
/// iteration, where the Loop provably runs over the whole sequence. States are carried as they are, and what is stacked is the
/// hidden state, in the order of the steps. Over a sequence that may be empty, where states stay what they were and the operators
/// give zeros, states are zeros at first, or nothing uses them afterwards.
/// </summary>
public sealed class RecognizeIteratedRecurrence : IRule
{
    /// <summary>A body that runs once for each step of a sequence.</summary>
    /// <param name="Network">The body.</param>
    /// <param name="States">Its inputs that are carried.</param>
    /// <param name="Results">Its outputs: the carried, then the stacked values.</param>
    /// <param name="Initial">What states are at first.</param>
    /// <param name="Outputs">What stands for the results after the last step.</param>
    /// <param name="StepOf">The sequence and axis that a value in the body is a step of, and layers that take it.</param>
    /// <param name="Captured">The value outside that an input of the body stands for in every iteration, or null.</param>
    /// <param name="StackAxes">The axis of each stack.</param>
    /// <param name="IsReversed">True when the last step comes first.</param>
    private sealed record Iteration(
        Network Network, ImmutableArray<Value> States, ImmutableArray<Value> Results, ImmutableArray<Value?> Initial, ImmutableArray<Value?> Outputs,
        Func<Value, (Value Sequence, int Axis, ImmutableArray<Layer> Path)?> StepOf, Func<Value, Value?> Captured, ImmutableArray<long> StackAxes, bool IsReversed);

    /// <inheritdoc/>
    public string Name => "recognize-iterated-recurrence";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if ((layer.Operator switch { Scan scan => OfScan(scan, layer), Loop loop => OfLoop(loop, layer), _ => null }) is not { States.Length: 1 or 2 } iteration) return null;
        var body = new RewriteContext(iteration.Network, new Lazy<NetworkBuilder>(() => RewriteContext.SymbolsOf(iteration.Network)));
        Layer[] live = [.. iteration.Network.Layers.Where(body.IsLive)];
        if (live.Where(static l => l.Operator is Operators.Recurrence).ToArray() is not [{ Operator: Operators.Recurrence { Directions: 1, Layout: 0 } op } step] || op.States != iteration.States.Length) return null;
        var inside = new HashSet<Layer>(ReferenceEqualityComparer.Instance) { step };
        int[] carried = [.. Enumerable.Range(0, op.States).Select(i => iteration.States.IndexOf(Matrix(Operand(step, 5 + i), inside)!))];
        if (carried.Contains(-1) || carried.Distinct().Count() < carried.Length || Operand(step, 4) is not null || Matrix(step.Inputs[0], inside) is not { } input) return null;
        if (iteration.StepOf(input) is not var (sequence, axis, path)) return null;
        inside.UnionWith(path);
        // What comes out of the step must be what the next one starts from.
        for (int i = 0; i < op.States; i++)
        {
            if (!IsMatrixOf(iteration.Results[carried[i]], step, 1 + i, inside)) return null;
        }
        if (iteration.Results.Skip(op.States).Any(r => !IsMatrixOf(r, step, 1, inside)) || !live.All(inside.Contains)) return null;
        return Replacement(layer, context, iteration, step, carried, sequence, axis);
    }

    private NetworkPatch? Replacement(Layer layer, RewriteContext context, Iteration iteration, Layer step, int[] carried, Value sequence, int axis)
    {
        var op = (Operators.Recurrence)step.Operator;
        if (sequence.TensorType.Shape is not { Rank: 3 } extent || iteration.Initial.Any(s => s?.TensorType.Shape is not { Rank: 2 } shape || !shape[0].Equals(extent[axis == 1 ? 0 : 1]))) return null;
        Value?[] outputs = [.. iteration.Outputs.Select(o => o is not null && context.Uses(o) > 0 ? o : null)];
        if (!extent[axis].IsPositive && outputs.Take(op.States).Any(static o => o is not null) && !iteration.Initial.All(static s => RecognizeRecurrence.IsZero(s!))) return null;
        var patch = context.NewPatch(Name);
        Value direction = Ints(1), time = Ints(0);
        var x = patch.Tap(sequence);
        if (axis > 0) x = patch.Add(new Transpose { Perm = axis == 1 ? [1, 0, 2] : [2, 0, 1] }, x);
        var operands = new Value?[step.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            if (step.Inputs[i] is not { } operand) continue;
            if (i == 0) operands[i] = x;
            else if (i >= 5 && i < 5 + op.States) operands[i] = patch.Add(new Unsqueeze(), patch.Tap(iteration.Initial[carried[i - 5]]!), time);
            else if ((operand.Constant is null ? iteration.Captured(operand) : operand) is { } outer) operands[i] = patch.Tap(outer);
            else return null;
        }
        OutputSpec?[] wanted = [outputs.Skip(op.States).Any(static o => o is not null) ? new OutputSpec("sequence") : null, .. carried.Select((at, i) => outputs[at] is null ? (OutputSpec?)null : new OutputSpec(i == 0 ? "hidden" : "cell"))];
        var whole = patch.Add(op with { Direction = iteration.IsReversed ? RecurrenceDirection.Reverse : RecurrenceDirection.Forward }, operands, wanted, layer.Name);

        List<(Value Old, Value New)> replacements = [];
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] is { } old) replacements.Add((old, i < op.States ? patch.Add(new Squeeze(), whole.Outputs[1 + carried.IndexOf(i)], time) : Stack(iteration.StackAxes[i - op.States])));
        }
        if (replacements.Any(static r => !Knowledge.CanReplace(r.Old.Type, r.New.Type))) return null;
        foreach (var (old, replacement) in replacements) patch.Replace(old, replacement);
        return patch;

        Value Ints(long element) => patch.Constant(WeightBlock.Ints(element), "axis");

        Value Stack(long at)
        {
            var steps = patch.Add(new Squeeze(), whole.Outputs[0], direction);
            return Piece.Normal(at, 3) switch { 0 => steps, 1 => patch.Add(new Transpose { Perm = [1, 0, 2] }, steps), _ => patch.Add(new Transpose { Perm = [1, 2, 0] }, steps) };
        }
    }

    private static Value? Operand(Layer layer, int i) => i < layer.Inputs.Length ? layer.Inputs[i] : null;

    // What gained a leading dimension of 1.
    private static Value? Matrix(Value? value, HashSet<Layer> inside)
    {
        if (value?.Producer is not { Operator: Unsqueeze or Reshape, Inputs: [{ Type: TensorType { Shape: { Rank: 2 } matrix } } operand, ..] } layer || value.TensorType.Shape is not { Rank: 3 } shape) return null;
        inside.Add(layer);
        return shape[0].Is(1) && shape.Skip(1).SequenceEqual(matrix) ? operand : null;
    }

    // An output of the step that lost its leading dimensions of 1.
    private static bool IsMatrixOf(Value value, Layer step, int output, HashSet<Layer> inside)
    {
        if (value.Producer is not { Operator: Squeeze or Reshape, Inputs: [{ Producer: { } source } from, ..] } layer || source != step || value.TensorType.Shape is not { Rank: 2 } matrix || from.TensorType.Shape is not { } shape) return false;
        inside.Add(layer);
        // After one step, the sequence is the state.
        int index = step.Outputs.IndexOf(from);
        return (index == output || index == 0 && output == 1) && shape.SkipLast(2).All(static d => d.Is(1)) && shape.TakeLast(2).SequenceEqual(matrix);
    }

    private static Iteration? OfScan(Scan scan, Layer layer)
    {
        int states = scan.States;
        if (scan.NumScanInputs != 1 || layer.Inputs[states]?.TensorType.Rank is not 3) return null;
        int stacks = scan.Body.Outputs.Length - states;
        long direction = At(scan.InputDirections, 0);
        // Stacked the other way round, steps would need to be turned.
        if (Enumerable.Range(0, stacks).Any(i => At(scan.OutputDirections, i) != direction)) return null;
        var (x, sequence, axis) = (scan.Body.Inputs[states], layer.Inputs[states]!, Piece.Normal(At(scan.InputAxes, 0), 3));
        return new(scan.Body, scan.Body.Inputs[..states], [.. scan.Body.Outputs.Select(static o => o.Value)], layer.Inputs[..states], layer.Outputs,
            value => value == x ? (sequence, axis, []) : null, value => Captured(scan.Body, layer, value, (int)scan.Captures), [.. Enumerable.Range(0, stacks).Select(i => At(scan.OutputAxes, i))], direction == 1);
    }

    private static Iteration? OfLoop(Loop loop, Layer layer)
    {
        var (body, states) = (loop.Body, loop.Carried);
        var goOn = body.Outputs[0].Value;
        while (goOn.Producer is { Operator: Identity } copy) goOn = copy.Inputs[0]!;
        if (layer.Inputs[1] is { } begins && !IsTrue(begins) || goOn != body.Inputs[1] && !IsTrue(goOn)) return null;
        return new(body, body.Inputs[2..(2 + states)], [.. body.Outputs.Skip(1).Select(static o => o.Value)], layer.Inputs[2..(2 + states)], layer.Outputs,
            StepOf, value => Captured(body, layer, value, (int)loop.Captures), [.. Enumerable.Repeat(0L, body.Outputs.Length - 1 - states)], false);

        (Value, int, ImmutableArray<Layer>)? StepOf(Value value)
        {
            if (value.Producer is not { Operator: Gather gather, Inputs: [{ } source, { } index] } taken || index != body.Inputs[0] || index.TensorType.Rank != 0) return null;
            int captured = body.Inputs.IndexOf(source);
            if (captured < 2 + states || layer.Inputs[captured] is not { Type: TensorType { Shape: { Rank: 3 } shape } } sequence) return null;
            int axis = Piece.Normal(gather.Axis, 3);
            // A stack has as many elements as there are iterations, where that is known before the run.
            bool runsOver = Match.Scalar(layer.Inputs[0]) is { } count ? shape[axis].Is((long)count) : layer.Outputs.Skip(states).Any(o => o?.TensorType.Shape is { } stack && stack[0].Equals(shape[axis]));
            return runsOver && axis < 2 ? (sequence, axis, [taken]) : null;
        }
    }

    private static Value? Captured(Network body, Layer layer, Value input, int captures) => body.Inputs.IndexOf(input) is var i && i >= body.Inputs.Length - captures ? layer.Inputs[i] : null;

    private static long At(ImmutableArray<long> list, int i) => list.IsEmpty ? 0 : list[i];

    private static bool IsTrue(Value value) => value.Constant is { Count: 1 } constant && constant.Materialize().Bytes.Span[0] != 0;
}
