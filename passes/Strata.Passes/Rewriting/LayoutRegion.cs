using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>
/// Connected layers that compute on results of Transposes by one permutation, and what they cost: a transposition each for
/// values that others need in the old layout, and for operands that come in it.
/// </summary>
internal sealed class LayoutRegion
{
    private readonly RewriteContext context;
    private readonly Dictionary<Value, List<Layer>> users;
    private readonly Permutation permutation, inverse;
    private readonly HashSet<Layer> layers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> values = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> shown = new(ReferenceEqualityComparer.Instance);

    private LayoutRegion(RewriteContext context, Dictionary<Value, List<Layer>> users, Permutation permutation) =>
        (this.context, this.users, this.permutation, inverse) = (context, users, permutation, permutation.Inverse);

    /// <summary>The regions of a permutation. A strict one takes layers only whose operands all are of it.</summary>
    public static IEnumerable<LayoutRegion> Find(RewriteContext context, Dictionary<Value, List<Layer>> users, Permutation permutation, bool strict)
    {
        int rank = permutation.Rank;
        HashSet<Layer> inside = new(ReferenceEqualityComparer.Instance);
        HashSet<Value> laid = new(ReferenceEqualityComparer.Instance), seen = new(ReferenceEqualityComparer.Instance);
        foreach (var layer in context.Network.Layers.Where(context.IsLive))
        {
            bool isSource = permutation.Equals(Permutation.Of(layer)) && layer.Outputs[0] is { } result && Relayout.IsPlain(result, rank);
            if (!isSource)
            {
                if (!Relayout.CanMove(layer, permutation) || layer.Operator is QuantizeLinear && !IsDequantized(layer.Outputs[0]!)) continue;
                var operands = Relayout.Laid(layer, rank);
                if (!(strict ? operands.Any() && operands.All(laid.Contains) : operands.Any(laid.Contains))) continue;
                inside.Add(layer);
            }
            laid.UnionWith(layer.Outputs.OfType<Value>());
        }
        foreach (var source in laid)
        {
            if (!seen.Add(source)) continue;
            var region = new LayoutRegion(context, users, permutation);
            var open = new Queue<Value>([source]);
            while (open.TryDequeue(out var value))
            {
                region.values.Add(value);
                foreach (var layer in users.GetValueOrDefault(value, []).Append(value.Producer!).Where(l => inside.Contains(l) && region.layers.Add(l)))
                {
                    foreach (var next in Relayout.Laid(layer, rank).Concat(layer.Outputs.OfType<Value>()).Where(v => laid.Contains(v) && seen.Add(v))) open.Enqueue(next);
                }
            }
            yield return region;
        }

        // A Transpose of codes would not know their scale, so that none may be needed.
        bool IsDequantized(Value codes) => users.GetValueOrDefault(codes, []) is var all && all.Count == context.Uses(codes) && all.All(u => u.Operator is DequantizeLinear && Relayout.HasOneScale(u));
    }

    /// <summary>The region in the layout of the operands of its Transposes; null where that leaves as many Transposes.</summary>
    public NetworkPatch? Patch(string rule)
    {
        Trim();
        var sources = values.Where(v => !layers.Contains(v.Producer!)).ToArray();
        var sinks = values.SelectMany(v => Users(v).Where(IsSink)).ToArray();
        var foreign = layers.SelectMany(Laid).Where(v => !values.Contains(v)).Distinct().ToArray();
        int gain = sinks.Length + sources.Count(s => !shown.Contains(s)), cost = foreign.Length + values.Count(v => shown.Contains(v) && layers.Contains(v.Producer!));
        if (gain <= cost) return null;

        var patch = context.NewPatch(rule);
        var moved = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var source in sources) moved[source] = patch.Tap(source.Producer!.Inputs[0]!);
        foreach (var operand in foreign)
            moved[operand] = patch.Add(inverse.Operator, [patch.Tap(operand)], [new OutputSpec($"{operand.Name}.moved", permutation.Undo(operand.TensorType))], "").Outputs[0]!;
        foreach (var layer in layers.OrderBy(l => l.Id))
        {
            var copy = Relayout.Move(patch, layer, permutation, v => moved[v]);
            foreach (var (old, output) in layer.Outputs.Zip(copy.Outputs))
            {
                if (old is null) continue;
                moved[old] = output!;
                if (shown.Contains(old)) patch.Replace(old, patch.Add(permutation.Operator, [output], [new OutputSpec(old.Name, old.Type)], layer.Name).Outputs[0]!);
            }
        }
        foreach (var absorber in values.SelectMany(v => Users(v).Where(IsAbsorber)))
            patch.Replace(absorber.Outputs[0]!, Relayout.Absorb(patch, absorber, permutation, moved[absorber.Inputs[0]!]));
        foreach (var sink in sinks)
        {
            if (!Knowledge.CanReplace(sink.Outputs[0]!.Type, moved[sink.Inputs[0]!].Type)) return null;
            patch.Replace(sink.Outputs[0]!, moved[sink.Inputs[0]!]);
        }
        return patch;
    }

    // A last layer all of whose operands are shown in the old layout anyway gains nothing.
    private void Trim()
    {
        var outputs = context.Network.Outputs.Select(o => o.Value).ToHashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var value in values)
        {
            if (outputs.Contains(value) || Users(value).Any(u => !IsSink(u) && !IsAbsorber(u) && !layers.Contains(u))) shown.Add(value);
        }
        foreach (var layer in layers.OrderByDescending(l => l.Id).ToArray())
        {
            if (layer.Outputs.OfType<Value>().Any(o => Users(o).Any(u => IsSink(u) || IsAbsorber(u) || layers.Contains(u))) || !Laid(layer).All(v => shown.Contains(v) || !values.Contains(v))) continue;
            layers.Remove(layer);
            values.ExceptWith(layer.Outputs.OfType<Value>());
        }
    }

    private IEnumerable<Value> Laid(Layer layer) => Relayout.Laid(layer, permutation.Rank);

    private List<Layer> Users(Value value) => users.GetValueOrDefault(value, []);

    private bool IsAbsorber(Layer layer) => Relayout.Absorbs(layer, permutation);

    private bool IsSink(Layer layer) => inverse.Equals(Permutation.Of(layer));
}
