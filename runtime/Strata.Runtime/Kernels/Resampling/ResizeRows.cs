using Strata.Kernels.Movement;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Resampling;

/// <summary>The rows of <see cref="Resize"/> with fixed scales or sizes.</summary>
internal static class ResizeRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        new()
        {
            Name = "resize.nearest",
            Operator = typeof(Resize),
            Supports = static r => MovementRows.Width(r.Input(0).Type) > 0 && Picks(r) is not null,
            Cost = static r => 50 + 0.5 * r.Output.Count,
            Create = static r => MovementRows.Pick(r, Picks(r)!),
        },
        Row<F512>("v512", SimdLevel.Vector512, 0.5),
        Row<F256>("v256", SimdLevel.Vector256, 0.6),
        Row<F128>("v128", SimdLevel.Vector128, 0.8),
        Row<F32>("scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow Row<V>(string width, SimdLevel needs, double cost) where V : struct, ISimd<V> => new()
    {
        Name = $"resize.{width}",
        Operator = typeof(Resize),
        Needs = needs,
        Supports = static r => ((Resize)r.Operator).Mode != Interpolation.Nearest && r.Input(0).Type == ElementType.Float32 && Axes(r) is { Length: > 0 },
        Cost = r => 50 + cost * r.Output.Count,
        Create = static r => new ResizeKernel<V>(r, Axes(r)!),
    };

    // Null where an operand is not fixed.
    private static ResizedAxis[]? Axes(KernelRequest request)
    {
        for (int i = 1; i < request.Inputs.Count; i++)
        {
            if (request.Has(i) && request.Input(i).Constant is null) return null;
        }
        return ResizeGeometry.Axes((Resize)request.Operator, request.Input(0).Dims, Fixed(Resize.Scales)?.Span<float>().ToArray() ?? [], Fixed(Resize.Sizes)?.ToInt64s() ?? [], Fixed(Resize.Roi)?.ToDoubles());

        Tensor? Fixed(int input) => request.Has(input) ? request.Input(input).Constant!.Materialize() : null;
    }

    private static int[][]? Picks(KernelRequest request)
    {
        var op = (Resize)request.Operator;
        if (op.Mode != Interpolation.Nearest || op.ExtrapolationValue != 0 || Axes(request) is not { } axes) return null;
        var picks = IndexMap.All(request.Input(0).Dims);
        foreach (var axis in axes) picks[axis.Axis] = ResizeGeometry.Nearest(op, axis);
        return picks;
    }
}
