using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>Constants that hold one number per channel, or one for all.</summary>
internal static class Channels
{
    /// <summary>
    /// A constant that, broadcast to a tensor of the rank, varies at most along one dimension and does not enlarge the tensor: as a
    /// vector of <paramref name="channels"/> elements; otherwise null. The dimension is counted from the last.
    /// </summary>
    public static Constant? Vector(Constant? constant, int rank, int fromEnd, int channels)
    {
        if (constant is null || constant.Dims.Length > rank) return null;
        int axis = constant.Dims.Length - 1 - fromEnd;
        for (int d = 0; d < constant.Dims.Length; d++)
        {
            if (constant.Dims[d] != 1 && (d != axis || constant.Dims[d] != channels)) return null;
        }
        if (constant.Count == channels) return Reshape(constant, channels);
        return ConstantExpressions.Apply(new Expand(), Reshape(constant, 1), Constant.Of(Tensor.Vector<long>(channels)));
    }

    /// <summary>The same elements under other dimensions.</summary>
    public static Constant Reshape(Constant constant, params ReadOnlySpan<int> dims)
    {
        if (constant.Dims.SequenceEqual(dims)) return constant;
        var target = new long[dims.Length];
        for (int d = 0; d < target.Length; d++) target[d] = dims[d];
        return ConstantExpressions.Apply(new Reshape { AllowZero = true }, constant, Constant.Of(Tensor.Vector<long>(target)));
    }
}
