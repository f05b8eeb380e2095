using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Movement;

/// <summary>Copies slices along an axis by indices that the run gives; each is checked against the extent.</summary>
internal sealed unsafe class GatherKernel : IKernel
{
    private readonly int outer, extent, picks, output;
    private readonly long sliceBytes;
    private readonly bool wide;

    /// <summary>Prepares the copies.</summary>
    public GatherKernel(KernelRequest request)
    {
        var data = request.Input(0);
        long given = ((Gather)request.Operator).Axis;
        int axis = (int)(given < 0 ? given + data.Rank : given);
        outer = Tensor.CountOf(data.Dims.AsSpan(0, axis));
        sliceBytes = (long)Tensor.CountOf(data.Dims.AsSpan(axis + 1)) * (data.Type.Bits() / 8);
        (extent, picks, output, wide) = (data.Dims[axis], request.Input(1).Count, request.OutputIndex(), request.Input(1).Type == ElementType.Int64);
    }

    public int Parts(int phase) => Math.Max(1, outer);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (outer == 0) return;
        byte* data = buffers.Get<byte>(0) + part * extent * sliceBytes, results = buffers.Get<byte>(output) + part * picks * sliceBytes;
        for (int i = 0; i < picks; i++)
        {
            long index = wide ? buffers.Get<long>(1)[i] : buffers.Get<int>(1)[i];
            if (index < -extent || index >= extent) throw new InvalidInputException($"index {index} lies outside [{-extent}, {extent - 1}]");
            if (index < 0) index += extent;
            if (sliceBytes == sizeof(float)) ((float*)results)[i] = ((float*)data)[index];
            else Buffer.MemoryCopy(data + index * sliceBytes, results + i * sliceBytes, sliceBytes, sliceBytes);
        }
    }
}
