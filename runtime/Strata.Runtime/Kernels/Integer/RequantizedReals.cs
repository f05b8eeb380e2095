using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Strata.Kernels.Conversion;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>Codes of 8 bits of sums held as f32: as <see cref="RequantizedSums{V}"/>, with weights' scales for groups of <paramref name="inner"/> results each.</summary>
internal sealed unsafe class RequantizedReals(int a, int b, int y, int zero, long inner, int groups, ElementType type) : ElementConversion
{
    private readonly bool isSigned = type == ElementType.Int8;

    public override IEnumerable<int> Parameters => [a, b, y, zero];

    public override void Apply(byte* from, byte* to, long offset, int count, in KernelBuffers buffers)
    {
        float* scales = buffers.F32(b);
        for (int done = 0; done < count;)
        {
            long group = (offset + done) / inner, element = group % groups;
            int run = (int)(inner == 1 ? Math.Min(count - done, groups - element) : Math.Min(count - done, (group + 1) * inner - offset - done));
            if (Vector512.IsHardwareAccelerated) Run<F512>((float*)from + done, run, scales + element, buffers, to + done);
            else if (Vector256.IsHardwareAccelerated) Run<F256>((float*)from + done, run, scales + element, buffers, to + done);
            else if (Vector128.IsHardwareAccelerated) Run<F128>((float*)from + done, run, scales + element, buffers, to + done);
            else Run<F32>((float*)from + done, run, scales + element, buffers, to + done);
            done += run;
        }
    }

    private void Run<V>(float* sums, int count, float* scales, in KernelBuffers buffers, byte* to) where V : struct, ISimd<V>
    {
        byte code = *buffers.Get<byte>(zero);
        float origin = isSigned ? (sbyte)code : code, least = isSigned ? sbyte.MinValue : byte.MinValue, most = isSigned ? sbyte.MaxValue : byte.MaxValue;
        float scaleA = *buffers.F32(a), scaleY = *buffers.F32(y), factor = scaleA * *scales / scaleY;
        bool moves = inner == 1;
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Code(V.Load(sums + i), moves ? V.Of(scaleA) * V.Load(scales + i) / V.Of(scaleY) : V.Of(factor), origin, least, most).StoreBits(to + i);
        for (; i < count; i++) Code(F32.Of(sums[i]), F32.Of(moves ? scaleA * scales[i] / scaleY : factor), origin, least, most).StoreBits(to + i);
    }

    // NaN gives the least code.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Code<T>(T sum, T factor, float zero, float least, float most) where T : struct, ISimd<T> => T.ToInt(T.Min(T.Max(T.Round(sum * factor) + T.Of(zero), T.Of(least)), T.Of(most)));
}
