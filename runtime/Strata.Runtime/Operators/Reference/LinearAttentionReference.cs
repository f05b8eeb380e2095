using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="LinearAttention"/> token by token in binary64.</summary>
internal static class LinearAttentionReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(LinearAttention op, ReferenceContext context)
    {
        Tensor query = context[0], key = context[1], value = context[2];
        int heads = (int)op.QNumHeads, shared = (int)op.KvNumHeads;
        if (query.Rank != 3 || key.Rank != 3 || value.Rank != 3) throw ReferenceContext.Fail("queries, keys and values must have rank 3");
        int batch = query.Dims[0], length = query.Dims[1], dk = key.Dims[2] / shared, dv = value.Dims[2] / shared;
        int[] stateDims = [batch, shared, dk, dv];
        Require(query, batch, length, heads * dk);
        Require(key, batch, length, shared * dk);
        Require(value, batch, length, shared * dv);
        if (context.Tensor(3) is { } past) Require(past, stateDims);
        Tensor? decay = context.Tensor(4), rate = context.Tensor(5);
        if (decay?.Rank == 0 || rate?.Rank == 0) throw ReferenceContext.Fail("decay and rate must have rank 3");
        if (decay is not null) Require(decay, batch, length, decay.Dims[^1] == shared ? shared : shared * dk);
        if (rate is not null) Require(rate, batch, length, rate.Dims[^1] == 1 ? 1 : shared);
        bool decayPerHead = decay?.Dims[^1] == shared, oneRate = rate?.Dims[^1] == 1;

        double[] q = query.ToDoubles(), k = key.ToDoubles(), v = value.ToDoubles(), state = context.Tensor(3)?.ToDoubles() ?? new double[Tensor.CountOf(stateDims)];
        double[]? g = decay?.ToDoubles(), beta = rate?.ToDoubles();
        double scale = op.Scale == 0 ? 1 / Math.Sqrt(dk) : op.Scale;
        int[] dims = [batch, length, heads * dv];
        var result = new double[Tensor.CountOf(dims)];
        var written = new double[dv];
        for (int b = 0; b < batch; b++)
        {
            for (int t = 0; t < length; t++)
            {
                context.Observe();
                int token = b * length + t;
                for (int h = 0; h < shared; h++)
                {
                    var s = state.AsSpan((b * shared + h) * dk * dv, dk * dv);
                    var keys = k.AsSpan((token * shared + h) * dk, dk);
                    v.AsSpan((token * shared + h) * dv, dv).CopyTo(written);
                    if (g is not null)
                    {
                        for (int i = 0; i < s.Length; i++) s[i] *= Math.Exp(g[decayPerHead ? token * shared + h : (token * shared + h) * dk + i / dv]);
                    }
                    if (beta is not null)
                    {
                        double share = beta[oneRate ? token : token * shared + h];
                        for (int j = 0; j < dv; j++)
                        {
                            double known = 0;
                            for (int i = 0; i < dk; i++) known += s[i * dv + j] * keys[i];
                            written[j] = share * (written[j] - known);
                        }
                    }
                    for (int i = 0; i < s.Length; i++) s[i] += keys[i / dv] * written[i % dv];
                }
                for (int h = 0; h < heads; h++)
                {
                    int stateAt = (b * shared + h / (heads / shared)) * dk * dv;
                    for (int i = 0; i < dk; i++)
                    {
                        double factor = scale * q[(token * heads + h) * dk + i];
                        for (int j = 0; j < dv; j++) result[(token * heads + h) * dv + j] += factor * state[stateAt + i * dv + j];
                    }
                }
            }
        }
        var stateType = context.Tensor(3)?.ElementType ?? query.ElementType;
        return [Tensor.FromDoubles(query.ElementType, dims, result), context.Wants(1) ? Tensor.FromDoubles(stateType, stateDims, state) : null];

        static void Require(Tensor tensor, params ReadOnlySpan<int> dims)
        {
            if (!tensor.Dims.AsSpan().SequenceEqual(dims)) throw ReferenceContext.Fail($"an operand must have shape [{Tensor.Format(dims)}], is {tensor}");
        }
    }
}
