using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Elementwise;

/// <summary>A function of one f32, in the widest vectors of the machine.</summary>
internal sealed unsafe class UnaryF32<TOp>(TOp op, double cost = 0.3, (float, float)? clamp = null) : ElementFunction where TOp : struct, IUnary
{
    public override (float Least, float Most)? Clamp => clamp;

    public override double Cost => cost;

    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        float* x = (float*)a, y = (float*)results;
        if (moving == 0)
        {
            if (count == 0) return;
            Apply(a, null, null, 1, results, 1);
            new Span<float>(y, count).Fill(*y);
            return;
        }
        if (Vector512.IsHardwareAccelerated) Run<F512>(op, x, y, count);
        else if (Vector256.IsHardwareAccelerated) Run<F256>(op, x, y, count);
        else if (Vector128.IsHardwareAccelerated) Run<F128>(op, x, y, count);
        else Run<F32>(op, x, y, count);
    }

    private static void Run<V>(TOp op, float* x, float* y, int count) where V : struct, ISimd<V>
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) op.Invoke(V.Load(x + i)).Store(y + i);
        if (i == count) return;
        float* tail = stackalloc float[V.Count];
        for (int k = 0; k < count - i; k++) tail[k] = x[i + k];
        op.Invoke(V.Load(tail)).Store(tail);
        for (int k = 0; k < count - i; k++) y[i + k] = tail[k];
    }
}

/// <summary>A function of two f32, in the widest vectors of the machine.</summary>
internal sealed unsafe class BinaryF32<TOp>(double cost = 0.3) : ElementFunction where TOp : struct, IBinary
{
    public override double Cost => cost;

    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        if (Vector512.IsHardwareAccelerated) Run<F512>((float*)a, (float*)b, moving, (float*)results, count);
        else if (Vector256.IsHardwareAccelerated) Run<F256>((float*)a, (float*)b, moving, (float*)results, count);
        else if (Vector128.IsHardwareAccelerated) Run<F128>((float*)a, (float*)b, moving, (float*)results, count);
        else Run<F32>((float*)a, (float*)b, moving, (float*)results, count);
    }

    private static void Run<V>(float* a, float* b, int moving, float* y, int count) where V : struct, ISimd<V>
    {
        if (count == 0) return;
        int i = 0;
        switch (moving)
        {
            case 3:
                for (; i <= count - V.Count; i += V.Count) TOp.Invoke(V.Load(a + i), V.Load(b + i)).Store(y + i);
                break;
            case 1:
                V right = V.Of(*b);
                for (; i <= count - V.Count; i += V.Count) TOp.Invoke(V.Load(a + i), right).Store(y + i);
                break;
            case 2:
                V left = V.Of(*a);
                for (; i <= count - V.Count; i += V.Count) TOp.Invoke(left, V.Load(b + i)).Store(y + i);
                break;
            default:
                V same = TOp.Invoke(V.Of(*a), V.Of(*b));
                for (; i <= count - V.Count; i += V.Count) same.Store(y + i);
                break;
        }
        if (i == count) return;
        float* tail = stackalloc float[2 * V.Count];
        for (int k = 0; k < count - i; k++)
        {
            tail[k] = (moving & 1) != 0 ? a[i + k] : *a;
            tail[V.Count + k] = (moving & 2) != 0 ? b[i + k] : *b;
        }
        TOp.Invoke(V.Load(tail), V.Load(tail + V.Count)).Store(tail);
        for (int k = 0; k < count - i; k++) y[i + k] = tail[k];
    }
}
