using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>A constant that a layer uses as its weight.</summary>
/// <param name="Weight">The constant's value.</param>
/// <param name="Layer">The first layer that uses it so.</param>
/// <param name="Operand">As which operand.</param>
public sealed record WeightUse(Value Weight, Layer Layer, int Operand)
{
    /// <summary>The layer's name or, without one, that of its result.</summary>
    public string LayerName => Layer.Name.Length > 0 ? Layer.Name : Layer.Outputs.FirstOrDefault(o => o is not null)?.Name ?? "";

    /// <summary>Its number of elements.</summary>
    public int Elements => Weight.Constant!.Count;

    /// <summary>Each weight of a network that could be stored in few bits, in order of use; those of bodies follow their layer.</summary>
    /// <param name="network">The network.</param>
    /// <param name="withBodies">Also those of bodies.</param>
    public static IEnumerable<WeightUse> In(Network network, bool withBodies = true)
    {
        var known = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        foreach (var layer in network.Layers)
        {
            for (int i = 0; i < layer.Inputs.Length; i++)
            {
                // Binary64 is left to those who chose it.
                if (layer.Inputs[i] is not { Constant: { Type.ElementType: ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16, Dims.Length: >= 2 } } weight || known.Contains(weight)) continue;
                if (WeightLayout.Of(layer, i, WeightGroups.Tensor) is null) continue;
                known.Add(weight);
                yield return new(weight, layer, i);
            }
            if (!withBodies) continue;
            foreach (var use in layer.Operator.Bodies.SelectMany(b => In(b))) yield return use;
        }
    }
}
