using System.Runtime.Intrinsics;
using Strata.Kernels.Conversion;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Integer;

/// <summary><see cref="Operators.DynamicQuantizeLinear"/>: the range of each part of x, then scale and zero-point, then the codes.</summary>
internal sealed unsafe class DynamicQuantizeKernel(KernelRequest request) : IKernel
{
    private const int PartElements = 1 << 15;
    private const int Measuring = 0, Choosing = 1;

    private readonly QuantizeTo<byte, U8Elements> quantize = new(byte.MinValue, byte.MaxValue);
    private readonly int count = request.Input(0).Count, parts = Math.Max(1, (request.Input(0).Count + PartElements - 1) / PartElements);

    public int Phases => 3;

    // Least, most and parameters of their own: outputs may be unwanted.
    public long SharedBytes => sizeof(float) * (2L * parts + 2);

    public int Parts(int phase) => phase == Choosing ? 1 : parts;

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* ranges = (float*)buffers.Shared, scale = ranges + 2 * parts;
        byte* zero = (byte*)(scale + 1), codes = buffers.Get<byte>(1);
        int from = part * PartElements, length = Math.Min(PartElements, count - from);
        if (phase == Measuring)
        {
            if (Vector512.IsHardwareAccelerated) Measure<F512>(buffers.F32(0) + from, length, ranges + 2 * part);
            else if (Vector256.IsHardwareAccelerated) Measure<F256>(buffers.F32(0) + from, length, ranges + 2 * part);
            else if (Vector128.IsHardwareAccelerated) Measure<F128>(buffers.F32(0) + from, length, ranges + 2 * part);
            else Measure<F32>(buffers.F32(0) + from, length, ranges + 2 * part);
        }
        else if (phase == Choosing) Choose(ranges, scale, zero, buffers);
        else if (codes is not null && length > 0) quantize.Apply((byte*)(buffers.F32(0) + from), (byte*)scale, zero, 1, codes + from, length);
    }

    private void Choose(float* ranges, float* scale, byte* zero, in KernelBuffers buffers)
    {
        float least = 0, most = 0;
        for (int i = 0; i < parts; i++) (least, most) = (Math.Min(least, ranges[2 * i]), Math.Max(most, ranges[2 * i + 1]));
        *scale = least == most ? 1 : (most - least) / 255;
        float origin = Math.Clamp(-least / *scale, 0, 255);
        *zero = float.IsNaN(origin) ? (byte)0 : (byte)MathF.Round(origin);
        if (buffers.Get<float>(2) is not null) *buffers.F32(2) = *scale;
        if (buffers.Get<byte>(3) is not null) *buffers.Get<byte>(3) = *zero;
    }

    // The range, extended to hold 0; NaN where there is one.
    private static void Measure<V>(float* x, int count, float* range) where V : struct, ISimd<V>
    {
        V least = V.Of(0), most = least, numbers = V.Equal(least, least);
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V v = V.Load(x + i);
            (least, most, numbers) = (V.Min(v, least), V.Max(v, most), numbers & V.Equal(v, v));
        }
        float* lanes = stackalloc float[3 * V.Count];
        least.Store(lanes);
        most.Store(lanes + V.Count);
        numbers.Store(lanes + 2 * V.Count);
        (range[0], range[1]) = (0, 0);
        for (int k = 0; k < V.Count; k++)
        {
            bool isNumber = ((int*)lanes)[2 * V.Count + k] != 0;
            (range[0], range[1]) = (Math.Min(range[0], isNumber ? lanes[k] : float.NaN), Math.Max(range[1], isNumber ? lanes[V.Count + k] : float.NaN));
        }
        for (; i < count; i++) (range[0], range[1]) = (Math.Min(range[0], x[i]), Math.Max(range[1], x[i]));
    }
}
