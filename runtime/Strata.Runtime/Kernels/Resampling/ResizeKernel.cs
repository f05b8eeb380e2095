using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Resampling;

/// <summary>Linear and cubic resampling of f32, one axis per phase: rows of neighbours are added up with weights.</summary>
internal sealed unsafe class ResizeKernel<V> : IKernel where V : struct, ISimd<V>
{
    private const int PartElements = 1 << 14;

    /// <summary>One phase: data <c>[outer, input, inner]</c> becomes <c>[outer, output, inner]</c>; for each output element its neighbours and weights.</summary>
    private sealed record Pass(int Outer, int Input, int Output, int Inner, int Taps, int[] Neighbours, float[] Weights, bool[] Outside, long To)
    {
        /// <summary>Outer indices of a part.</summary>
        public int Step { get; } = (int)Math.Clamp(PartElements / Math.Max(1, (long)Output * Inner), 1, Math.Max(Outer, 1));
    }

    private readonly Pass[] passes;
    private readonly float outsideValue;
    private readonly int output;

    /// <summary>Prepares the phases for axes of which at least one is given.</summary>
    public ResizeKernel(KernelRequest request, ResizedAxis[] axes)
    {
        var op = (Resize)request.Operator;
        (outsideValue, output) = (op.ExtrapolationValue, request.OutputIndex());
        int[] dims = [.. request.Input(0).Dims];
        var touched = axes.Where(a => !a.IsUntouched).DefaultIfEmpty(axes[0]).ToArray();
        passes = new Pass[touched.Length];
        for (int p = 0; p < passes.Length; p++)
        {
            var axis = touched[p];
            var taps = Enumerable.Range(0, axis.Output).Select(o => ResizeGeometry.Taps(op, axis, o)).ToArray();
            int count = taps.Max(t => t?.Weights.Length) ?? 1;
            var neighbours = new int[axis.Output * count];
            var weights = new float[axis.Output * count];
            for (int o = 0; o < axis.Output; o++)
            {
                if (taps[o] is not var (first, given)) continue;
                for (int t = 0; t < count; t++) (neighbours[o * count + t], weights[o * count + t]) = (Math.Clamp(first + t, 0, axis.Input - 1), (float)given[t]);
            }
            int outer = Tensor.CountOf(dims.AsSpan(0, axis.Axis)), inner = Tensor.CountOf(dims.AsSpan(axis.Axis + 1));
            dims[axis.Axis] = axis.Output;
            passes[p] = new(outer, axis.Input, axis.Output, inner, count, neighbours, weights, [.. taps.Select(t => t is null)], SharedBytes);
            if (p < passes.Length - 1) SharedBytes += ((long)Tensor.CountOf(dims) * sizeof(float) + 63) & -64;
        }
    }

    public int Phases => passes.Length;

    public long SharedBytes { get; }

    public int Parts(int phase) => Math.Max(1, (passes[phase].Outer + passes[phase].Step - 1) / passes[phase].Step);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        var pass = passes[phase];
        float* data = phase == 0 ? buffers.F32(0) : (float*)(buffers.Shared + passes[phase - 1].To);
        float* results = phase == passes.Length - 1 ? buffers.F32(output) : (float*)(buffers.Shared + pass.To);
        int last = (int)Math.Min(pass.Outer, (part + 1L) * pass.Step);
        for (int o = part * pass.Step; o < last; o++)
        {
            float* from = data + (long)o * pass.Input * pass.Inner, to = results + (long)o * pass.Output * pass.Inner;
            if (pass.Inner == 1) Line(pass, from, to);
            else
            {
                for (int i = 0; i < pass.Output; i++) Row(pass, i, from, to + (long)i * pass.Inner);
            }
        }
    }

    private void Line(Pass pass, float* from, float* to)
    {
        int taps = pass.Taps;
        fixed (int* neighbours = pass.Neighbours)
        fixed (float* weights = pass.Weights)
        {
            int* n = neighbours;
            float* w = weights;
            for (int i = 0; i < pass.Output; i++, n += taps, w += taps)
            {
                float sum = w[0] * from[n[0]];
                for (int t = 1; t < taps; t++) sum = MathF.FusedMultiplyAdd(w[t], from[n[t]], sum);
                to[i] = pass.Outside[i] ? outsideValue : sum;
            }
        }
    }

    private void Row(Pass pass, int element, float* from, float* to)
    {
        int inner = pass.Inner, taps = pass.Taps;
        if (pass.Outside[element])
        {
            new Span<float>(to, inner).Fill(outsideValue);
            return;
        }
        var neighbours = pass.Neighbours.AsSpan(element * taps, taps);
        var weights = pass.Weights.AsSpan(element * taps, taps);
        int i = 0;
        for (; i <= inner - V.Count; i += V.Count)
        {
            V sum = V.Of(weights[0]) * V.Load(from + (long)neighbours[0] * inner + i);
            for (int t = 1; t < taps; t++) sum = V.Fma(V.Of(weights[t]), V.Load(from + (long)neighbours[t] * inner + i), sum);
            sum.Store(to + i);
        }
        for (; i < inner; i++)
        {
            float sum = weights[0] * from[(long)neighbours[0] * inner + i];
            for (int t = 1; t < taps; t++) sum = MathF.FusedMultiplyAdd(weights[t], from[(long)neighbours[t] * inner + i], sum);
            to[i] = sum;
        }
    }
}
