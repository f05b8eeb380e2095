using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Spectral;

/// <summary>The row of the short-time Fourier transform.</summary>
internal static class SpectralRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        new()
        {
            Name = "stft",
            Operator = typeof(Stft),
            Supports = static r => StftShape.Of(r) is not null,
            Cost = static r => 500 + 15.0 * r.Output.Count,
            Create = static r => new StftKernel(StftShape.Of(r)!, r.Has(2), r.OutputIndex()),
        },
    ];
}

/// <summary>A short-time transform with concrete, checked sizes.</summary>
internal sealed record StftShape(int Batch, int Length, int Components, int Step, int Frame, int Frames, int Bins)
{
    /// <summary>The transform of a layer; null when step and frame are not fixed or sizes do not fit.</summary>
    public static StftShape? Of(KernelRequest request)
    {
        int[] signal = request.Input(0).Dims;
        if (request.Input(0).Type != ElementType.Float32 || signal.Length is not (2 or 3) || signal.Length == 3 && signal[2] is not (1 or 2)) return null;
        if (Number(1) is not { } step || request.Has(3) && Number(3) is null) return null;
        long frame = request.Has(3) ? Number(3)!.Value : request.Has(2) ? request.Input(2).Count : signal[1];
        if (step < 1 || frame < 1 || frame > signal[1] || request.Has(2) && request.Input(2).Count != frame) return null;
        int frames = (int)((signal[1] - frame) / step) + 1, bins = (int)(((Stft)request.Operator).Onesided ? frame / 2 + 1 : frame);
        if (!request.Output.Dims.AsSpan().SequenceEqual([signal[0], frames, bins, 2])) return null;
        return new(signal[0], signal[1], signal.Length == 3 ? signal[2] : 1, (int)Math.Min(step, int.MaxValue), (int)frame, frames, bins);

        long? Number(int index) => request.Has(index) && request.Input(index).Constant is { Count: 1 } known ? known.Materialize().ToInt64s()[0] : null;
    }
}

/// <summary><see cref="Stft"/> of f32, frame by frame; a frame is transformed in binary64.</summary>
internal sealed unsafe class StftKernel(StftShape shape, bool hasWindow, int output) : IKernel
{
    private const int PartElements = 1 << 12;

    private readonly FourierPlan plan = new(shape.Frame);
    private readonly int all = checked(shape.Batch * shape.Frames), step = Math.Max(1, PartElements / shape.Frame);

    public long ScratchBytes => sizeof(double) * plan.Room;

    public int Parts(int phase) => Math.Max(1, (all + step - 1) / step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* window = hasWindow ? buffers.F32(2) : null;
        double* room = (double*)buffers.Scratch;
        for (int frame = part * step, end = Math.Min(all, frame + step); frame < end; frame++)
        {
            float* x = buffers.F32(0) + ((long)(frame / shape.Frames) * shape.Length + (long)(frame % shape.Frames) * shape.Step) * shape.Components;
            for (int i = 0; i < shape.Frame; i++)
            {
                double weight = window == null ? 1 : window[i];
                room[i] = x[(long)i * shape.Components] * weight;
                room[shape.Frame + i] = shape.Components == 2 ? x[2L * i + 1] * weight : 0;
            }
            double* spectrum = plan.Transform(room);
            float* y = buffers.F32(output) + (long)frame * shape.Bins * 2;
            for (int k = 0; k < shape.Bins; k++) (y[2 * k], y[2 * k + 1]) = ((float)spectrum[k], (float)spectrum[shape.Frame + k]);
        }
    }
}
