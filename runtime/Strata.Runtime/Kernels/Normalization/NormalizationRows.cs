using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Normalization;

/// <summary>The rows of f32 softmax and of the normalisations.</summary>
internal static class NormalizationRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All => [.. Of<F512>("v512", SimdLevel.Vector512, 0.25), .. Of<F256>("v256", SimdLevel.Vector256, 0.4), .. Of<F128>("v128", SimdLevel.Vector128, 0.8), .. Of<F32>("scalar", SimdLevel.Scalar, 3)];

    private static KernelRow[] Of<V>(string width, SimdLevel needs, double cost) where V : struct, ISimd<V>
    {
        return
        [
            Row<Softmax>(static _ => true, MakeSoftmax<V>, takesEpilogue: false),
            Row<LogSoftmax>(static _ => true, MakeSoftmax<V>, takesEpilogue: false),
            Row<LayerNormalization>(IsPerElement, MakeTrailing<V>),
            Row<RmsNormalization>(IsPerElement, MakeTrailing<V>),
            Row<InstanceNormalization>(static _ => true, static r => MakeChannels<V>(r, r.Input(0).Dims[1], ((InstanceNormalization)r.Operator).Epsilon)),
            Row<GroupNormalization>(static r => r.Input(0).Dims[1] % ((GroupNormalization)r.Operator).NumGroups == 0, static r => MakeChannels<V>(r, (int)((GroupNormalization)r.Operator).NumGroups, ((GroupNormalization)r.Operator).Epsilon)),
            Row<BatchNormalization>(static r => r.Operator is BatchNormalization { TrainingMode: false } && r.Input(0).Rank > 1, MakeBatch<V>),
        ];

        KernelRow Row<TOperator>(Func<KernelRequest, bool> supports, Func<KernelRequest, IKernel> create, bool takesEpilogue = true) where TOperator : Operator => new()
        {
            Name = $"{typeof(TOperator).Name.ToLowerInvariant()}.{width}",
            Operator = typeof(TOperator),
            Needs = needs,
            TakesEpilogue = takesEpilogue,
            Supports = r => r.IsAll(ElementType.Float32) && r.Input(0).Count > 0 && supports(r),
            Cost = r => 100 + cost * r.Input(0).Count,
            Create = create,
        };
    }

    private static IKernel MakeSoftmax<V>(KernelRequest request) where V : struct, ISimd<V>
    {
        var (outer, length, inner) = Around(request.Input(0).Dims, ((AlongAxis)request.Operator).Axis);
        return new SoftmaxKernel<V>(outer, length, inner, request.Operator is LogSoftmax, request.OutputIndex());
    }

    private static IKernel MakeTrailing<V>(KernelRequest request) where V : struct, ISimd<V>
    {
        var op = (TrailingNormalization)request.Operator;
        var (outer, length, inner) = Around(request.Input(0).Dims, op.Axis);
        return new NormalizationKernel<V>(outer, length * inner, 0, 1, op.Epsilon, op is LayerNormalization, request);
    }

    private static IKernel MakeChannels<V>(KernelRequest request, int groups, float epsilon) where V : struct, ISimd<V>
    {
        int[] dims = request.Input(0).Dims;
        int inner = Tensor.CountOf(dims.AsSpan(2));
        return new NormalizationKernel<V>(dims[0] * groups, dims[1] / groups * inner, inner, groups, epsilon, true, request);
    }

    private static IKernel MakeBatch<V>(KernelRequest request) where V : struct, ISimd<V>
    {
        int[] dims = request.Input(0).Dims;
        return new BatchNormalizationKernel<V>(dims[0] * dims[1], dims[1], Tensor.CountOf(dims.AsSpan(2)), ((BatchNormalization)request.Operator).Epsilon, request.OutputIndex(), request.Epilogue);
    }

    private static (int Outer, int Length, int Inner) Around(int[] dims, long signedAxis)
    {
        int axis = (int)(signedAxis < 0 ? signedAxis + dims.Length : signedAxis);
        return (Tensor.CountOf(dims.AsSpan(0, axis)), dims[axis], Tensor.CountOf(dims.AsSpan(axis + 1)));
    }

    // True when scale and bias have an element for each element of a row, the same for all rows.
    private static bool IsPerElement(KernelRequest request)
    {
        int[] x = request.Input(0).Dims;
        int axis = (int)(((TrailingNormalization)request.Operator).Axis is var a && a < 0 ? a + x.Length : a);
        for (int i = 1; i < request.Inputs.Count; i++)
        {
            if (!request.Has(i)) continue;
            int[] dims = request.Input(i).Dims;
            for (int d = 0; d < x.Length; d++)
            {
                int at = d - (x.Length - dims.Length);
                if ((at < 0 ? 1 : dims[at]) != (d < axis ? 1 : x[d])) return false;
            }
        }
        return true;
    }
}
