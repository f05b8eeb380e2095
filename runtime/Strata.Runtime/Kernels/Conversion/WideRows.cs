using Strata.Kernels.Elementwise;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Conversion;

/// <summary>
/// Rows for f16 and bf16: the layer is computed in f32 by the best row for it and rounded once, to the type of the result.
/// Constants are widened once per model.
/// </summary>
internal static class WideRows
{
    // Operators whose results are roundings of a function of real numbers, or one of their operands.
    private static readonly Type[] Computed =
    [
        typeof(Operators.MatMul), typeof(Gemm), typeof(Operators.Conv), typeof(ConvTranspose), typeof(Operators.Attention),
        typeof(AveragePool), typeof(MaxPool), typeof(GlobalAveragePool), typeof(GlobalMaxPool), typeof(Resize),
        typeof(Softmax), typeof(LogSoftmax), typeof(LayerNormalization), typeof(RmsNormalization), typeof(InstanceNormalization), typeof(GroupNormalization), typeof(BatchNormalization),
        typeof(ReduceSum), typeof(ReduceMean), typeof(ReduceProd), typeof(ReduceMax), typeof(ReduceMin), typeof(ReduceL1), typeof(ReduceL2), typeof(ReduceSumSquare), typeof(ReduceLogSum),
        typeof(Lstm), typeof(Gru), typeof(Rnn),
    ];

    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All => Computed.Concat(ElementFunctions.Operators.Where(static t => t != typeof(Cast))).Select(static type => new KernelRow
    {
        Name = $"wide.{type.Name.ToLowerInvariant()}",
        Operator = type,
        Supports = static r => HasHalves(r) && KernelTable.Find(Widened(r)) is not null,
        Cost = static r => Widened(r) is var wide ? KernelTable.Find(wide)!.Cost(wide) + 50 + 0.3 * r.Inputs.Concat(r.Outputs).Sum(static o => IsHalf(o) && o!.Constant is null ? o.Count : 0) : 0,
        Create = Create,
    });

    private static IKernel Create(KernelRequest request)
    {
        var wide = Widened(request);
        var inner = KernelTable.Find(wide)!.Create(wide);
        return new ConvertingKernel(request, wide, inner,
            [.. request.Inputs.Select((o, i) => IsHalf(o) ? o!.Constant is null ? new(i, new FunctionConversion(CastFunctions.Of(o.Type, ElementType.Float32)!)) : ConvertedTensor.Made : new ConvertedTensor(i))],
            [.. request.Outputs.Select((o, i) => new ConvertedTensor(request.OutputIndex(i), IsHalf(o) ? new FunctionConversion(CastFunctions.Of(ElementType.Float32, o!.Type)!) : null))]);
    }

    private static bool HasHalves(KernelRequest request) => request.Inputs.Concat(request.Outputs).Any(IsHalf);

    private static bool IsHalf(KernelOperand? operand) => operand?.Type is ElementType.Float16 or ElementType.BFloat16;

    private static KernelRequest Widened(KernelRequest request) => request with
    {
        Inputs = [.. request.Inputs.Select(o => Widened(o, request.Weights))],
        Outputs = [.. request.Outputs.Select(o => Widened(o, request.Weights))],
    };

    private static KernelOperand? Widened(KernelOperand? operand, PackedWeights weights) => !IsHalf(operand) ? operand
        : new(ElementType.Float32, operand!.Dims, operand.Constant is null ? null : weights.Get(operand.Constant, "f32", static t => Constant.Of(Widened(t))));

    private static unsafe Tensor Widened(Tensor tensor)
    {
        var wide = Tensor.Zeros(ElementType.Float32, [.. tensor.Dims]);
        fixed (byte* from = tensor.Bytes.Span)
        fixed (float* to = wide.MutableSpan<float>()) CastFunctions.Of(tensor.ElementType, ElementType.Float32)!.Apply(from, null, null, 1, (byte*)to, tensor.Count);
        return wide;
    }
}
