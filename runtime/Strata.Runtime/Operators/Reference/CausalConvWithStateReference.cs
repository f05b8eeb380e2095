using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="CausalConvWithState"/> in binary64.</summary>
internal static class CausalConvWithStateReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(CausalConvWithState op, ReferenceContext context)
    {
        Tensor x = context[0], kernels = context[1];
        if (x.Rank != 3 || kernels.Rank != 3 || kernels.Dims[0] != x.Dims[1] || kernels.Dims[1] != 1 || kernels.Dims[2] < 1) throw ReferenceContext.Fail($"kernels {kernels} do not fit {x}");
        int batch = x.Dims[0], channels = x.Dims[1], length = x.Dims[2], size = kernels.Dims[2], before = size - 1, width = before + length;
        int[] stateDims = [batch, channels, before];
        if (context.Tensor(3) is { } given && !given.Dims.AsSpan().SequenceEqual(stateDims)) throw ReferenceContext.Fail($"the past state must have shape [{Tensor.Format(stateDims)}], is {given}");
        double[] values = x.ToDoubles(), w = kernels.ToDoubles();
        double[]? bias = context.Tensor(2)?.ToDoubles(), past = context.Tensor(3)?.ToDoubles();
        double[] result = new double[x.Count], state = new double[Tensor.CountOf(stateDims)], seen = new double[width];
        for (int row = 0; row < batch * channels; row++)
        {
            int c = row % channels;
            if (past is not null) past.AsSpan(row * before, before).CopyTo(seen);
            else seen.AsSpan(0, before).Clear();
            values.AsSpan(row * length, length).CopyTo(seen.AsSpan(before));
            for (int i = 0; i < length; i++)
            {
                double sum = bias?[c] ?? 0;
                for (int k = 0; k < size; k++) sum += w[c * size + k] * seen[i + k];
                result[row * length + i] = op.Silu ? sum / (1 + Math.Exp(-sum)) : sum;
            }
            seen.AsSpan(length, before).CopyTo(state.AsSpan(row * before));
        }
        return [Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), result), Tensor.FromDoubles(x.ElementType, stateDims, state)];
    }
}
