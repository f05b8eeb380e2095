using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="MaxUnpool"/>.</summary>
internal static class MaxUnpoolReference
{
    public static Tensor Evaluate(MaxUnpool op, ReferenceContext context)
    {
        Tensor x = context[0], indices = context[1];
        int spatial = op.Window.KernelShape.Length;
        if (x.Rank != spatial + 2 || !x.Dims.AsSpan().SequenceEqual(indices.Dims.AsSpan())) throw ReferenceContext.Fail($"input {x} and indices {indices} need rank {spatial + 2} and one shape");
        long[] pooled = [x.Dims[0], x.Dims[1], .. Enumerable.Range(0, spatial).Select(d => op.Extent(x.Dims[d + 2], d).Constant!.Value)];
        long[] output = context.Tensor(2)?.ToInt64s() ?? pooled;
        if (output.Length != pooled.Length || pooled.Zip(output).Any(p => p.First < 0 || p.Second < p.First || p.Second > int.MaxValue))
            throw ReferenceContext.Fail($"unpooling gives [{string.Join(", ", pooled)}], which output shape [{string.Join(", ", output)}] cannot hold");

        int[] dims = [.. output.Select(d => (int)d)];
        var result = new double[Tensor.CountOf(dims)];
        double[] values = x.ToDoubles();
        long[] positions = indices.ToInt64s();
        long count = pooled.Aggregate(1L, static (product, dim) => product * dim);
        for (int i = 0; i < values.Length; i++)
        {
            long rest = positions[i];
            if (rest < 0 || rest >= count) throw ReferenceContext.Fail($"index {rest} lies outside the {count} elements of the pooled tensor");
            long at = 0, stride = 1;
            for (int d = dims.Length - 1; d >= 0; d--)
            {
                at += rest % pooled[d] * stride;
                rest /= pooled[d];
                stride *= dims[d];
            }
            result[at] = values[i];
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }
}
