using Strata.Tensors;

namespace Strata.Kernels.Conv;

/// <summary>The weights of the sub-filters of a transposed convolution: taken out once where they are constant, else in a phase of each run.</summary>
internal sealed unsafe class SubFilterWeights
{
    private readonly SubFilterShape shape;
    private readonly PinnedBuffer? made;

    private SubFilterWeights(SubFilterShape shape, PinnedBuffer? made) => (this.shape, this.made) = (shape, made);

    /// <summary>The weights of a layer, operand 1.</summary>
    public static SubFilterWeights Of(KernelRequest request, SubFilterShape shape) => new(shape, request.Input(1).Constant is null ? null
        : request.Pack(1, $"sub-filters.{Key(shape)}", tensor => Make(shape, tensor)));

    /// <summary>All that the sub-filters' weights depend on besides the layer's weights.</summary>
    public static string Key(SubFilterShape shape) => $"{shape.Groups}.{string.Join("/", shape.Axes.Select(axis => string.Join(",", axis.Select(f => $"{f.FirstTap}+{f.Taps}x{f.TapStep}"))))}";

    /// <summary>True when they are there before a run.</summary>
    public bool AreMade => made is not null;

    /// <summary>Bytes that a run shares.</summary>
    public long SharedBytes => AreMade ? 0 : sizeof(float) * shape.WeightCount;

    /// <summary>Takes out the weights of one sub-filter.</summary>
    public void Make(int phase, in KernelBuffers buffers) => shape.Extract(buffers.F32(1), phase, (float*)buffers.Shared + shape.Start(phase));

    /// <summary>The weights of a sub-filter: <c>[groups · filters, channels · taps]</c>.</summary>
    public float* this[int phase, in KernelBuffers buffers] => (made is null ? (float*)buffers.Shared : made.F32) + shape.Start(phase);

    /// <summary>The weights of all sub-filters of a tensor.</summary>
    public static PinnedBuffer Make(SubFilterShape shape, Tensor tensor)
    {
        var all = new PinnedBuffer(sizeof(float) * shape.WeightCount);
        fixed (float* weights = tensor.Span<float>())
        {
            for (int phase = 0; phase < shape.Phases; phase++) shape.Extract(weights, phase, all.F32 + shape.Start(phase));
        }
        return all;
    }
}
