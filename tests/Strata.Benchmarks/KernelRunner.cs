using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Benchmarks;

/// <summary>A kernel with memory for its operands, run on one thread.</summary>
internal sealed unsafe class KernelRunner
{
    private readonly IKernel kernel;
    private readonly PinnedBuffer table;
    private readonly List<PinnedBuffer> memory = [];
    private readonly KernelBuffers buffers;

    /// <summary>Takes memory for an operator on f32 operands; all but the first are constants when <paramref name="fixedOperands"/>.</summary>
    public KernelRunner(Operator op, int[][] inputs, int[] output, Func<KernelRequest, IKernel> create, bool fixedOperands = true)
    {
        var random = new Random(1);
        var operands = new KernelOperand[inputs.Length];
        table = new PinnedBuffer(sizeof(void*) * (inputs.Length + 1));
        for (int i = 0; i < inputs.Length; i++)
        {
            var values = new float[Tensor.CountOf(inputs[i])];
            for (int j = 0; j < values.Length; j++) values[j] = random.NextSingle() - 0.5f;
            var tensor = Tensor.From<float>(inputs[i], values);
            operands[i] = new(ElementType.Float32, inputs[i], fixedOperands && i > 0 ? Constant.Of(tensor) : null);
            float* address = Take(values.Length);
            values.CopyTo(new Span<float>(address, values.Length));
            ((void**)table.Address)[i] = address;
        }
        ((void**)table.Address)[inputs.Length] = Take(Tensor.CountOf(output));
        kernel = create(new(op, operands, [new(ElementType.Float32, output)], Epilogue.None, new PackedWeights()));
        buffers = new((void**)table.Address, (byte*)Take((int)(kernel.SharedBytes / sizeof(float)) + 1), (byte*)Take((int)(kernel.ScratchBytes / sizeof(float)) + 1));
    }

    /// <summary>Runs all parts of all phases.</summary>
    public void Run()
    {
        for (int phase = 0; phase < kernel.Phases; phase++)
        {
            for (int part = 0; part < kernel.Parts(phase); part++) kernel.Run(phase, part, buffers);
        }
    }

    private float* Take(int count)
    {
        memory.Add(new((long)count * sizeof(float)));
        new Span<float>(memory[^1].F32, count).Clear();
        return memory[^1].F32;
    }
}
