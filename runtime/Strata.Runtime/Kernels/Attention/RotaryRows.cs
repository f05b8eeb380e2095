using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Attention;

/// <summary>The rows of f32 rotary embedding, by vector width.</summary>
internal static class RotaryRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row<F512>("rotary.v512", SimdLevel.Vector512, 0.3),
        Row<F256>("rotary.v256", SimdLevel.Vector256, 0.4),
        Row<F128>("rotary.v128", SimdLevel.Vector128, 0.6),
        Row<F32>("rotary.scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow Row<V>(string name, SimdLevel needs, double cost) where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = typeof(RotaryEmbedding),
        Needs = needs,
        Supports = static r => r.Inputs.Take(3).Append(r.Output).All(static o => o!.Type == ElementType.Float32) && RotaryShape.Of(r) is not null,
        Cost = r => 100 + cost * r.Input(0).Count,
        Create = static r => new RotaryKernel<V>(RotaryShape.Of(r)!, r.Has(3), r.OutputIndex()),
    };
}

/// <summary>A rotation with concrete, checked sizes: <paramref name="Half"/> pairs of each head of <paramref name="Size"/> elements, <paramref name="Angles"/> rows of cosines.</summary>
internal sealed record RotaryShape(int Batch, int Length, int Heads, int Size, int Half, int Angles, bool ByHead, bool Interleaved)
{
    /// <summary>The rotation of a layer; null when its sizes do not fit together.</summary>
    public static RotaryShape? Of(KernelRequest request)
    {
        var op = (RotaryEmbedding)request.Operator;
        int[] x = request.Input(0).Dims, cos = request.Input(1).Dims;
        if (x.Length is not (3 or 4) || cos.Length == 0 || request.Input(2).Count != request.Input(1).Count) return null;
        bool byHead = x.Length == 4;
        int heads = byHead ? x[1] : (int)op.NumHeads;
        if (heads < 1 || !byHead && x[2] % heads != 0) return null;
        int size = byHead ? x[3] : x[2] / heads, half = (op.RotaryEmbeddingDim == 0 ? size : (int)op.RotaryEmbeddingDim) / 2, length = x[byHead ? 2 : 1];
        int angles = half == 0 ? 0 : request.Input(1).Count / half, tokens = x[0] * length;
        if (2 * half > size || cos[^1] != half || (request.Has(3) ? request.Input(3).Count != tokens : angles != tokens)) return null;
        return new(x[0], length, heads, size, half, angles, byHead, op.Interleaved);
    }
}

/// <summary><see cref="RotaryEmbedding"/>, token by token.</summary>
internal sealed unsafe class RotaryKernel<V>(RotaryShape shape, bool hasPositions, int output) : IKernel where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 13;

    private readonly int tokens = shape.Batch * shape.Length, step = Math.Max(1, PartElements / Math.Max(1, shape.Heads * shape.Size));

    public int Parts(int phase) => Math.Max(1, (tokens + step - 1) / step);

    public bool MayOverwrite(int input) => input == 0;

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        for (int token = part * step, end = Math.Min(tokens, token + step); token < end; token++)
        {
            long angle = hasPositions ? buffers.Get<long>(3)[token] : token;
            if (shape.Half > 0 && (ulong)angle >= (ulong)shape.Angles) throw new InvalidInputException($"position {angle} lies outside [0, {shape.Angles - 1}]");
            float* cos = buffers.F32(1) + angle * shape.Half, sin = buffers.F32(2) + angle * shape.Half;
            for (int head = 0; head < shape.Heads; head++)
            {
                long at = shape.Size * (shape.ByHead ? ((long)(token / shape.Length) * shape.Heads + head) * shape.Length + token % shape.Length : (long)token * shape.Heads + head);
                float* x = buffers.F32(0) + at, y = buffers.F32(output) + at;
                if (shape.Interleaved) Neighbours(x, y, cos, sin);
                else Halves(x, y, cos, sin);
                int rest = shape.Size - 2 * shape.Half;
                if (x != y && rest > 0) new Span<float>(x + 2 * shape.Half, rest).CopyTo(new(y + 2 * shape.Half, rest));
            }
        }
    }

    private void Halves(float* x, float* y, float* cos, float* sin)
    {
        int half = shape.Half, i = 0;
        for (; i <= half - V.Count; i += V.Count)
        {
            V u = V.Load(x + i), v = V.Load(x + half + i), c = V.Load(cos + i), s = V.Load(sin + i);
            (c * u - s * v).Store(y + i);
            (s * u + c * v).Store(y + half + i);
        }
        for (; i < half; i++) (y[i], y[half + i]) = (cos[i] * x[i] - sin[i] * x[half + i], sin[i] * x[i] + cos[i] * x[half + i]);
    }

    private void Neighbours(float* x, float* y, float* cos, float* sin)
    {
        for (int i = 0; i < shape.Half; i++) (y[2 * i], y[2 * i + 1]) = (cos[i] * x[2 * i] - sin[i] * x[2 * i + 1], sin[i] * x[2 * i] + cos[i] * x[2 * i + 1]);
    }
}
