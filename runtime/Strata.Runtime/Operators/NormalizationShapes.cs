using Strata.Networks;

namespace Strata.Operators;

/// <summary>Shape rules that normalisations share.</summary>
internal static class NormalizationShapes
{
    /// <summary>Demands that an input is a vector of a length; returns the better known length.</summary>
    public static Dim? Vector(InferenceContext context, int index, Dim? length)
    {
        if (context.Input(index).Shape is not { } shape) return length;
        if (shape.Rank != 1) throw context.Fail($"input {index} must have rank 1, has shape {shape}");
        return length is null ? shape[0] : context.Same(length, shape[0], $"input {index} needs one element per channel");
    }

    /// <summary>Demands that an input broadcasts to a shape without changing it.</summary>
    public static void BroadcastsTo(InferenceContext context, int index, Shape? target)
    {
        if (target is null || context.Input(index).Shape is not { } shape) return;
        if (shape.Rank > target.Rank) throw context.Fail($"input {index} of shape {shape} does not broadcast to {target}");
        var result = context.Broadcast(target, shape)!;
        for (int d = 0; d < target.Rank; d++)
        {
            if (target[d].Is(1) && result[d].Constant is not (null or 1)) throw context.Fail($"input {index} of shape {shape} does not broadcast to {target}");
        }
    }
}
