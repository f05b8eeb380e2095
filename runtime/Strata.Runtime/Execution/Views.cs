using Strata.Kernels;
using Strata.Kernels.Movement;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>Layers whose results are ranges of their first operand: nothing is computed or moved for them.</summary>
internal static class Views
{
    /// <summary>For each output the distance in bytes from the operand's beginning; null when the layer is no view.</summary>
    public static long[]? Offsets(WalkedLayer walked)
    {
        if (walked.Inputs.Length == 0 || walked.Inputs[0] is not { } data) return null;
        switch (walked.Layer.Operator)
        {
            case Reshape or Squeeze or Unsqueeze or Flatten or Identity: return [0];
            case Dropout when walked.Outputs.Length == 1 && (walked.Inputs.Length < 3 || walked.Inputs[2] is null || walked.Inputs[2]!.Constant?.Materialize() is { Count: 1 } training && training.ToInt64s()[0] == 0): return [0];
            case Cast when walked.Outputs[0]!.Type == data.Type: return [0];
            case BitCast when walked.Outputs[0]!.Type.Bits() == data.Type.Bits(): return [0];
            case Split split: return Parts(walked, data, split);
            case Slice: return Range(walked, data);
            default: return null;
        }
    }

    private static long[]? Parts(WalkedLayer walked, KernelOperand data, Split split)
    {
        int axis = (int)(split.Axis < 0 ? split.Axis + data.Rank : split.Axis);
        if (data.Type.IsPacked() || data.Dims.AsSpan(0, axis).IndexOfAnyExcept(1) >= 0 || walked.Outputs.Any(o => o is null)) return null;
        var offsets = new long[walked.Outputs.Length];
        for (int i = 1; i < offsets.Length; i++) offsets[i] = offsets[i - 1] + walked.Outputs[i - 1]!.Type.ByteCount(walked.Outputs[i - 1]!.Count);
        return offsets;
    }

    private static long[]? Range(WalkedLayer walked, KernelOperand data)
    {
        if (data.Type.IsPacked() || SliceBounds.Of(walked.Inputs, data.Dims) is not { } bounds) return null;
        var result = walked.Outputs[0]!;
        if (result.Count == 0) return [0];
        // One range: beyond the first axis that has more than one element, whole axes only.
        long start = 0, stride = data.Type.Bits() / 8;
        bool whole = true;
        for (int d = data.Rank - 1; d >= 0; stride *= data.Dims[d], d--)
        {
            if (result.Dims[d] > 1 && (!whole || bounds[d].Step != 1)) return null;
            whole &= result.Dims[d] == data.Dims[d];
            start += bounds[d].First * stride;
        }
        return [start];
    }
}
