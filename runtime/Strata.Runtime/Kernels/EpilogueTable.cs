using Strata.Kernels.Elementwise;
using Strata.Tensors;

namespace Strata.Kernels;

/// <summary>Which layers can be done to results while they are computed.</summary>
internal static class EpilogueTable
{
    /// <summary>The step that a layer is when operand <paramref name="chain"/> is what was just computed, or null.</summary>
    /// <param name="request">The layer.</param>
    /// <param name="chain">The operand that the step replaces.</param>
    /// <param name="slot">Position among <see cref="KernelBuffers"/> that another operand would get.</param>
    /// <param name="operand">The layer's other operand that the step reads, or −1.</param>
    public static EpilogueStep? Find(KernelRequest request, int chain, int slot, out int operand)
    {
        operand = -1;
        if (request.Output.Type != ElementType.Float32 || request.Input(chain).Type != ElementType.Float32 || ElementFunctions.Of(request) is not { } function) return null;
        if (!request.Input(chain).Dims.AsSpan().SequenceEqual(request.Output.Dims)) return null;
        if (ElementFunctions.IsUnary(request)) return chain == 0 ? new UnaryStep(function) : null;
        if (request.Inputs.Count != 2 || BinaryStep.Pattern(request.Output.Dims, request.Input(1 - chain).Dims) is not var (inner, period)) return null;
        operand = 1 - chain;
        return new BinaryStep(function, slot, chain == 0, inner, period);
    }
}
