namespace Strata.Kernels.Elementwise;

/// <summary>A function of two operands applied to more of them, one after the other: each phase takes the results of the one before and the next operand.</summary>
internal sealed unsafe class VariadicKernel : IKernel
{
    private readonly ElementwiseKernel[] steps;
    private readonly int output;

    /// <summary>Prepares the phases; there are at least two operands.</summary>
    public VariadicKernel(KernelRequest request, ElementFunction function)
    {
        output = request.OutputIndex();
        steps = [.. Enumerable.Range(1, request.Inputs.Count - 1).Select(i => new ElementwiseKernel(request with { Inputs = [i == 1 ? request.Input(0) : request.Output, request.Input(i)] }, function, 0, 1))];
    }

    public int Phases => steps.Length;

    public int Parts(int phase) => steps[phase].Parts(0);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        void** tensors = stackalloc void*[3] { buffers.Get<byte>(phase == 0 ? 0 : output), buffers.Get<byte>(phase + 1), buffers.Get<byte>(output) };
        steps[phase].Run(0, part, new(tensors, buffers.Shared, buffers.Scratch));
    }
}
