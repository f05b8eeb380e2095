using Strata.Tensors;

namespace Strata.Kernels.Elementwise;

/// <summary>An elementwise function over operands that broadcast, and an epilogue, in blocks that stay in the first cache.</summary>
internal sealed unsafe class ElementwiseKernel : IKernel
{
    private const int PartElements = 1 << 15, BlockElements = 1 << 12;

    private readonly ElementFunction function;
    private readonly Broadcast walk;
    private readonly Epilogue epilogue;
    private readonly int[] operands, operandBytes, counts; // per operand: its position among the buffers, bytes of an element, elements
    private readonly int output, outputBytes, count, moving;

    /// <summary>Prepares the function for operands at positions <paramref name="operands"/> of the request.</summary>
    public ElementwiseKernel(KernelRequest request, ElementFunction function, params int[] operands)
    {
        (this.function, epilogue, this.operands, output) = (function, request.Epilogue, operands, request.OutputIndex());
        walk = Broadcast.Of(request.Output.Dims, [.. operands.Select(o => request.Input(o).Dims)]);
        operandBytes = [.. operands.Select(o => request.Input(o).Type.Bits() / 8)];
        counts = [.. operands.Select(o => request.Input(o).Count)];
        (outputBytes, count, moving) = (request.Output.Type.Bits() / 8, request.Output.Count, walk.Moving);
    }

    public int Parts(int phase) => Math.Max(1, (count + PartElements - 1) / PartElements);

    // Blocks are read before they are written, and a fused operand is another tensor.
    public bool MayOverwrite(int input) => Array.IndexOf(operands, input) is >= 0 and var i && counts[i] == count && operandBytes[i] == outputBytes && operands.Count(o => o == input) == 1;

    public bool Reads(int input) => Array.IndexOf(operands, input) >= 0;

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        int end = (int)Math.Min(count, (part + 1L) * PartElements);
        for (int start = part * PartElements; start < end; start += BlockElements) RunBlock(start, Math.Min(BlockElements, end - start), buffers);
    }

    private void RunBlock(int start, int length, in KernelBuffers buffers)
    {
        byte* a = buffers.Get<byte>(operands[0]), b = operands.Length > 1 ? buffers.Get<byte>(operands[1]) : null, c = operands.Length > 2 ? buffers.Get<byte>(operands[2]) : null;
        byte* results = buffers.Get<byte>(output) + (long)start * outputBytes;
        int inner = walk.Inner, rank = walk.Extents.Length;
        int* index = stackalloc int[Limits.Rank];
        long offsetA = 0, offsetB = 0, offsetC = 0;
        for (int d = rank - 1, left = start / inner; d-- > 0; left /= walk.Extents[d])
        {
            index[d] = left % walk.Extents[d];
            Move(d, index[d], ref offsetA, ref offsetB, ref offsetC);
        }
        int at = start % inner;
        for (int done = 0; done < length;)
        {
            int run = Math.Min(inner - at, length - done);
            function.Apply(At(a, 0, offsetA, at), At(b, 1, offsetB, at), At(c, 2, offsetC, at), moving, results + (long)done * outputBytes, run);
            done += run;
            at = 0;
            for (int d = rank - 2; d >= 0 && done < length; d--)
            {
                Move(d, 1, ref offsetA, ref offsetB, ref offsetC);
                if (++index[d] < walk.Extents[d]) break;
                Move(d, -walk.Extents[d], ref offsetA, ref offsetB, ref offsetC);
                index[d] = 0;
            }
        }
        if (!epilogue.IsEmpty) epilogue.Apply((float*)results, start, length, buffers);
    }

    private byte* At(byte* tensor, int operand, long offset, int at) => tensor == null ? null : tensor + (offset + ((moving >> operand & 1) != 0 ? at : 0)) * operandBytes[operand];

    private void Move(int axis, int steps, ref long a, ref long b, ref long c)
    {
        a += (long)walk.Strides[0][axis] * steps;
        if (walk.Strides.Length > 1) b += (long)walk.Strides[1][axis] * steps;
        if (walk.Strides.Length > 2) c += (long)walk.Strides[2][axis] * steps;
    }
}
