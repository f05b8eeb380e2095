using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// One step of an LSTM or GRU written out in layers, or a chain of steps with the same constants → <c>Lstm</c>, <c>Gru</c> over the sequence of
/// their inputs: <c>c' = f · c + i · g</c>, <c>h' = o · tanh(c')</c>; <c>h' = (1 − z) · n + z · h</c> with the reset gate before or behind the product. Gates are
/// Sigmoid or HardSigmoid of sums of constants and of input and previous state times constants, computed together or apart; states
/// are matrices <c>[B, H]</c>, their activation Tanh or Relu. Hidden states may be used by others, cell states only after the last step;
/// the inputs of steps do not depend on states in between. A first step may leave the state out, which counts as zeros.
/// </summary>
public sealed class RecognizeRecurrence : IRule
{
    private const int MostSteps = 1 << 14;

    private sealed record Link(RecurrentCell Cell, CellWeights Weights);

    /// <inheritdoc/>
    public string Name => "recognize-recurrence";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.Roundings;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Mul or Add or Sub) || layer.Outputs is not [{ Type: TensorType { Rank: 2 or 3, ElementType: var type } } result] || !type.IsFloat()) return null;
        if (RecurrentCell.Of(result, context) is not { } last || ChainTo(last, context) is not { } chain) return null;
        var layers = new HashSet<Layer>(chain.SelectMany(l => l.Cell.Path), ReferenceEqualityComparer.Instance);
        HashSet<Value> shown = new(chain.Select(l => l.Cell.Hidden).Append(last.Cell).OfType<Value>(), ReferenceEqualityComparer.Instance);
        var outside = UsedOutside(layers, context);
        if (outside.Any(v => !shown.Contains(v))) return null;

        var patch = context.NewPatch(Name);
        var (first, constants) = (chain[0], chain[^1].Weights.ToConstants(type));
        var sequence = Sequence.Of(patch, [.. chain.Select(l => l.Weights.Input)]);
        Value time = patch.Constant(WeightBlock.Ints(0), "time"), direction = patch.Constant(WeightBlock.Ints(1), "direction");
        Value? hidden = first.Weights.Hidden is { } h ? State(h) : null;
        Value? cell = last.Cell is null ? null : State(first.Cell.Previous);
        var op = last.Operator with { Direction = sequence.IsReversed ? RecurrenceDirection.Reverse : RecurrenceDirection.Forward };
        var inner = chain.SkipLast(1).Select(l => l.Cell.Hidden).Where(outside.Contains).ToArray();
        bool needsCell = last.Cell is { } shownCell && outside.Contains(shownCell);
        Value?[] operands = [sequence.Value, patch.Constant(constants.W, "W"), patch.Constant(constants.R, "R"), patch.Constant(constants.B, "B"), null, hidden, cell];
        OutputSpec?[] outputs = [inner.Length > 0 ? new OutputSpec("sequence") : null, inner.Length == 0 ? new OutputSpec("hidden") : null, needsCell ? new OutputSpec("cell") : null];
        var recurrence = patch.Add(op, operands, outputs[..(1 + op.States)], layer.Name);

        List<(Value Old, Value New)> replacements = [];
        if (needsCell) replacements.Add((last.Cell!, AsState(recurrence.Outputs[2]!)));
        if (inner.Length == 0) replacements.Add((result, AsState(recurrence.Outputs[1]!)));
        else
        {
            // The last step too, so that what joins all steps finds them side by side.
            var all = patch.Add(new Squeeze(), recurrence.Outputs[0], direction);
            for (int i = 0; i < chain.Count; i++)
            {
                if (!outside.Contains(chain[i].Cell.Hidden)) continue;
                long at = sequence.IsReversed ? chain.Count - 1 - i : i;
                replacements.Add((chain[i].Cell.Hidden, AsState(patch.Add(new Slice(), all, patch.Constant(WeightBlock.Ints(at), "from"), patch.Constant(WeightBlock.Ints(at + 1), "to"), time))));
            }
        }
        if (replacements.Any(static r => !Knowledge.CanReplace(r.Old.Type, r.New.Type))) return null;
        foreach (var (old, replacement) in replacements) patch.Replace(old, replacement);
        // The whole takes the place of the first value it stands for.
        int place = shown.Where(outside.Contains).Min(static v => v.Producer!.Id);
        if (patch.Tapped.Any(t => t.Producer is { } producer && producer.Id >= place)) return null;
        foreach (var part in layers) patch.Cover(part);
        return patch;

        // States have rank 3 there.
        Value State(Value state) => state.TensorType.Rank == 3 ? patch.Tap(state) : patch.Add(new Unsqueeze(), patch.Tap(state), time);

        Value AsState(Value state) => result.TensorType.Rank == 3 ? state : patch.Add(new Squeeze(), state, time);
    }

    // The steps up to one, as long as they have its constants.
    private static List<Link>? ChainTo(RecurrentCell last, RewriteContext context)
    {
        List<Link> chain = [];
        for (var cell = last; chain.Count < MostSteps;)
        {
            var before = StepBefore(cell, context);
            var weights = before is null ? First(cell, chain.Count > 0 ? chain[^1].Weights : null) : CellWeights.Of(cell, before.Hidden);
            // What another step hands over is a state like any other where their constants differ.
            if (weights is null || chain.Count > 0 && !(weights.Precedes(chain[^1].Weights) && cell.IsLike(last))) break;
            chain.Add(new(cell, weights));
            if (before is null) break;
            cell = before;
        }
        if (chain.Count == 0) return null;
        chain.Reverse();
        return chain.Count > 1 || chain[0].Weights.Hidden is not null ? chain : null;
    }

    // The step whose hidden state, and cell state, a step takes over.
    private static RecurrentCell? StepBefore(RecurrentCell cell, RewriteContext context) => cell.Cell is null
        ? RecurrentCell.Of(cell.Previous, context) is { Cell: null } before ? before : null
        : cell.Atoms.Where(static a => !a.IsStep).Select(a => RecurrentCell.Of(a.Value, context)).FirstOrDefault(c => c?.Cell is { } handed && handed == cell.Previous);

    // A step without one before it: of two values, the weights of the next step tell the state; without next, either is right.
    private static CellWeights? First(RecurrentCell cell, CellWeights? next)
    {
        IEnumerable<Value?> states = cell.Cell is null ? [cell.Previous] : cell.Operands.Reverse();
        var weights = states.Select(s => CellWeights.Of(cell, s)).FirstOrDefault(w => w is not null && (next is null || w.Precedes(next)));
        if (weights is not null || next is null || cell.Cell is null && !IsZero(cell.Previous)) return weights;
        return CellWeights.Of(cell, null) is { } alone && alone.Precedes(next) ? alone : null;
    }

    /// <summary>True for a constant of zeros.</summary>
    internal static bool IsZero(Value value) => value.Constant is { Count: <= 1 << 20 } constant && constant.Materialize().ToDoubles().All(static e => e == 0);

    private static HashSet<Value> UsedOutside(HashSet<Layer> layers, RewriteContext context)
    {
        var inside = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var operand in layers.SelectMany(l => l.Inputs).OfType<Value>()) inside[operand] = inside.GetValueOrDefault(operand) + 1;
        return new(layers.SelectMany(l => l.Outputs).OfType<Value>().Where(o => context.Uses(o) > inside.GetValueOrDefault(o)), ReferenceEqualityComparer.Instance);
    }
}
