using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes;

/// <summary>
/// The layers of a pattern, from its operands to the layer whose result it replaces. The pattern may be replaced where nothing
/// outside uses what its inner layers compute.
/// </summary>
internal sealed class Region(Layer root, RewriteContext context)
{
    private const int MostLayers = 256;

    private readonly HashSet<Layer> layers = new(ReferenceEqualityComparer.Instance) { root };

    /// <summary>The layer whose only output is replaced.</summary>
    public Layer Root => root;

    /// <summary>All layers of it.</summary>
    public IReadOnlyCollection<Layer> Layers => layers;

    /// <summary>The value that is replaced.</summary>
    public Value Result => root.Outputs[0]!;

    /// <summary>Counts a layer to the pattern.</summary>
    public void Add(Layer layer) => layers.Add(layer);

    /// <summary>Counts the layer that computes a value to the pattern, where it has the operator; null where not.</summary>
    public Layer? Add<TOperator>(Value? value) where TOperator : Operator
    {
        if (value?.Producer is not { Operator: TOperator } producer) return null;
        layers.Add(producer);
        return producer;
    }

    /// <summary>True when the pattern's inner results are used in the pattern only.</summary>
    public bool IsClosed
    {
        get
        {
            var inner = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
            foreach (var operand in layers.SelectMany(l => l.Inputs).OfType<Value>()) inner[operand] = inner.GetValueOrDefault(operand) + 1;
            return layers.Where(l => l != root).SelectMany(l => l.Outputs).OfType<Value>().All(o => inner.GetValueOrDefault(o) == context.Uses(o));
        }
    }

    /// <summary>
    /// The pattern's layers, and all layers of some kind that compute their operands whose results nothing else uses: those that a
    /// pattern that may be replaced can consist of.
    /// </summary>
    public IReadOnlySet<Layer> Cone(Func<Layer, bool> isKind)
    {
        var inside = new HashSet<Layer>(layers, ReferenceEqualityComparer.Instance);
        var uses = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        var open = new PriorityQueue<Layer, int>();
        foreach (var layer in layers) Use(layer);
        // The last layer first, so that all uses of a result are known when its layer's turn comes.
        while (open.TryDequeue(out var layer, out _))
        {
            if (layer.Outputs is [{ } output] && uses[output] == context.Uses(output) && inside.Count < MostLayers && inside.Add(layer)) Use(layer);
        }
        return inside;

        void Use(Layer layer)
        {
            foreach (var operand in layer.Inputs)
            {
                if (operand?.Producer is not { } producer) continue;
                uses[operand] = uses.GetValueOrDefault(operand) + 1;
                if (uses[operand] == 1 && isKind(producer) && !inside.Contains(producer)) open.Enqueue(producer, -producer.Id);
            }
        }
    }

    /// <summary>The patch that lets one layer stand for the pattern; null where the pattern is not closed or an operand cannot be made.</summary>
    public NetworkPatch? Replace(string rule, Operator op, params Func<NetworkPatch, Value?>[] operands)
    {
        if (!IsClosed) return null;
        var patch = context.NewPatch(rule);
        var values = new Value?[operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            values[i] = operands[i](patch);
            if (values[i] is null) return null;
        }
        return Replace(patch, op, values);
    }

    /// <summary>Completes a patch of a closed pattern by the layer that stands for it.</summary>
    public NetworkPatch Replace(NetworkPatch patch, Operator op, params ReadOnlySpan<Value?> operands)
    {
        patch.Replace(Result, patch.Add(op, operands, [new OutputSpec(Result.Name, Result.Type)], root.Name).Outputs[0]!);
        foreach (var layer in layers) patch.Cover(layer);
        return patch;
    }
}
