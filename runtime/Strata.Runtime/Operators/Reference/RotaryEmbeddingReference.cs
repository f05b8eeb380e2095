using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="RotaryEmbedding"/>.</summary>
internal static class RotaryEmbeddingReference
{
    public static Tensor Evaluate(RotaryEmbedding op, ReferenceContext context)
    {
        var x = context[0];
        if (x.Rank is not (3 or 4) || context[1].Rank == 0) throw ReferenceContext.Fail($"{x} and {context[1]} must have rank 3 or 4 and 2 or 3");
        bool byHead = x.Rank == 4;
        int batch = x.Dims[0], length = x.Dims[byHead ? 2 : 1], heads = byHead ? x.Dims[1] : (int)op.NumHeads;
        if (heads < 1 || !byHead && x.Dims[2] % heads != 0) throw ReferenceContext.Fail($"{x} does not hold {heads} heads");
        int size = byHead ? x.Dims[3] : x.Dims[2] / heads, rotated = op.RotaryEmbeddingDim == 0 ? size : (int)op.RotaryEmbeddingDim, half = rotated / 2;
        double[] values = x.ToDoubles(), cos = context[1].ToDoubles(), sin = context[2].ToDoubles();
        long[]? positions = context.Tensor(3)?.ToInt64s();
        int angles = half == 0 ? 0 : cos.Length / half;
        if (rotated > size || cos.Length != sin.Length || context[1].Dims[^1] != half || positions is null && angles != batch * length || positions is not null && positions.Length != batch * length)
            throw ReferenceContext.Fail($"{x}, {context[1]} and {context[2]} do not fit a rotation of {rotated} elements");

        for (int b = 0; b < batch; b++)
        {
            for (int s = 0; s < length; s++)
            {
                long angle = positions?[b * length + s] ?? b * length + s;
                if (angle < 0 || angle >= angles && half > 0) throw ReferenceContext.Fail($"position {angle} lies outside [0, {angles - 1}]");
                for (int n = 0; n < heads; n++)
                {
                    int at = (byHead ? (b * heads + n) * length + s : (b * length + s) * heads + n) * size;
                    for (int i = 0; i < half; i++)
                    {
                        int first = at + (op.Interleaved ? 2 * i : i), second = at + (op.Interleaved ? 2 * i + 1 : i + half);
                        double c = cos[angle * half + i], d = sin[angle * half + i], u = values[first], v = values[second];
                        (values[first], values[second]) = (c * u - d * v, d * u + c * v);
                    }
                }
            }
        }
        return Tensor.FromDoubles(x.ElementType, x.Dims.AsSpan(), values);
    }
}
