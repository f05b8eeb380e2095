using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>Constant targets of reshapes whose result is known in symbols.</summary>
internal static class ReshapeTarget
{
    /// <summary>
    /// The target that takes one shape to another of as many elements: a number for each known dimension, 0 for one that the source
    /// has in the same place, −1 for at most one more. Null where that does not suffice. A copied 0 cancels against the
    /// source's own, so that −1 stays determined when there are no elements.
    /// </summary>
    public static (long[] Dims, bool AllowZero)? Of(Shape? from, IReadOnlyList<Dim> to)
    {
        if (to.All(d => d.Constant is >= 0)) return ([.. to.Select(d => d.Constant!.Value)], to.Any(d => d.Is(0)));
        var target = new long[to.Count];
        bool inferred = false;
        for (int i = 0; i < target.Length; i++)
        {
            if (to[i].Constant is > 0 and { } number) target[i] = number;
            else if (i < from?.Rank && from[i].Equals(to[i])) target[i] = 0;
            else if (inferred || to[i].Constant is not null) return null;
            else (target[i], inferred) = (-1, true);
        }
        return (target, false);
    }

    /// <summary>Adds a reshape of a value, to stand for another of known rank, to a patch; null where no constant target says its shape.</summary>
    public static Value? Reshape(NetworkPatch patch, Value value, Value result, string layerName)
    {
        if (result.TensorType.Shape is not { } shape || Of(value.TensorType.Shape, shape) is not { } target) return null;
        var dims = patch.Constant(Constant.Of(Tensor.Vector<long>(target.Dims)), $"{result.Name}.shape");
        return patch.Add(new Reshape { AllowZero = target.AllowZero }, [patch.Tap(value), dims], [new OutputSpec(result.Name, result.Type)], layerName).Outputs[0]!;
    }
}
