using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Cli.Bench;

/// <summary>How much a run computes: multiplications and additions of products, convolutions and recurrences, one operation for each element of other results.</summary>
internal static class NetworkWork
{
    /// <summary>Operations of the plans that a run went through; bodies are not counted.</summary>
    public static double Of(IEnumerable<ExecutionPlan> plans) => plans.Sum(plan => plan.Steps.Sum(step => Of(plan, step)));

    private static double Of(ExecutionPlan plan, PlanStep step)
    {
        if (step.Layers.IsEmpty) return 0;
        var first = step.Layers[0];
        var (inputs, outputs) = step switch
        {
            // Inputs, outputs of the last layer, operands of the epilogue.
            KernelStep kernel => (kernel.Tensors[..first.Inputs.Length], kernel.Tensors.Slice(first.Inputs.Length, step.Layers[^1].Outputs.Length)),
            ObjectStep objects => (objects.Inputs, objects.Outputs),
            _ => ([], []),
        };
        double results = outputs.Sum(id => id < 0 ? 0 : CountOf(plan.Tensors[id]?.Dims));
        double product = first.Operator switch
        {
            Conv => 2 * results * Per(Dims(1), 0),
            ConvTranspose => 2 * CountOf(Dims(0)) * Per(Dims(1), 0),
            MatMul or MatMulInteger => 2 * results * Last(Dims(0), 1),
            Gemm gemm => 2 * results * Last(Dims(0), gemm.TransA ? 2 : 1),
            Recurrence => Dims(0) is [var length, var batch, ..] ? 2.0 * length * batch * (CountOf(Dims(1)) + CountOf(Dims(2))) : 0,
            _ => results,
        };
        return product + results * (step.Layers.Length - 1);

        int[]? Dims(int input) => first.Inputs[input]?.Constant is { } constant ? [.. constant.Dims] : inputs[input] is >= 0 and var id ? plan.Tensors[id]?.Dims : null;
    }

    private static double CountOf(int[]? dims) => dims is null ? 0 : Tensor.CountOf(dims);

    private static double Per(int[]? dims, int axis) => dims is null || dims[axis] == 0 ? 0 : CountOf(dims) / dims[axis];

    private static double Last(int[]? dims, int axis) => dims is null || dims.Length < axis ? 0 : dims[^axis];
}
