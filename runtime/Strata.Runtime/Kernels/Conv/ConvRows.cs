using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>The rows of convolutions, by method and vector width.</summary>
internal static class ConvRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        .. Rows<F512>("v512", SimdLevel.Vector512, 80),
        .. Rows<F256>("v256", SimdLevel.Vector256, 30),
        .. Rows<F128>("v128", SimdLevel.Vector128, 15),
        .. Rows<F32>("scalar", SimdLevel.Scalar, 2),
    ];

    private static KernelRow[] Rows<V>(string width, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V> =>
    [
        new()
        {
            Name = $"conv.{width}",
            Operator = typeof(Operators.Conv),
            Needs = needs,
            TakesEpilogue = true,
            Supports = ConvKernel<V>.Supports,
            Cost = request => ProductCost<V>(ConvShape.Of(request)!, multiplicationsPerNanosecond),
            Create = ConvKernel<V>.Create,
        },
        new()
        {
            Name = $"conv.direct.{width}",
            Operator = typeof(Operators.Conv),
            Needs = needs,
            TakesEpilogue = true,
            Supports = DirectConvKernel<V>.Supports,
            Cost = DirectConvKernel<V>.Cost,
            Create = DirectConvKernel<V>.Create,
        },
        new()
        {
            Name = $"conv.winograd.{width}",
            Operator = typeof(Operators.Conv),
            Needs = needs,
            TakesEpilogue = true,
            Transforms = true,
            Supports = WinogradKernel<V>.Supports,
            Cost = WinogradKernel<V>.Cost,
            Create = WinogradKernel<V>.Create,
        },
        new()
        {
            Name = $"convtranspose.scatter.{width}",
            Operator = typeof(Operators.ConvTranspose),
            Needs = needs,
            TakesEpilogue = true,
            Supports = request => ConvTransposeKernel<V>.Supports(request) && (((Operators.ConvTranspose)request.Operator).Method != Operators.ConvTransposeMethod.Split || !SubFilterProductKernel<V>.Supports(request)),
            Cost = request => TransposedCost<V>(ConvShape.OfTransposed(request)!, multiplicationsPerNanosecond),
            Create = ConvTransposeKernel<V>.Create,
        },
        new()
        {
            Name = $"convtranspose.split.{width}",
            Operator = typeof(Operators.ConvTranspose),
            Needs = needs,
            TakesEpilogue = true,
            Supports = request => MaySplit<V>(request) && SubFilterProductKernel<V>.Supports(request),
            Cost = request => SubFilterProductKernel<V>.Cost(request, multiplicationsPerNanosecond),
            Create = SubFilterProductKernel<V>.Create,
        },
        new()
        {
            Name = $"convtranspose.split.direct.{width}",
            Operator = typeof(Operators.ConvTranspose),
            Needs = needs,
            TakesEpilogue = true,
            Supports = request => MaySplit<V>(request) && SubFilterDirectKernel<V>.Supports(request),
            Cost = SubFilterDirectKernel<V>.Cost,
            Create = SubFilterDirectKernel<V>.Create,
        },
    ];

    // What asks for a method and is too large for it is computed by another.
    private static bool MaySplit<V>(KernelRequest request) where V : struct, ISimd<V> =>
        ((Operators.ConvTranspose)request.Operator).Method != Operators.ConvTransposeMethod.Scatter || !ConvTransposeKernel<V>.Supports(request);

    // Nanoseconds, fitted with those of sub-filters over random shapes: products, their way through memory, and rows of results.
    private static double TransposedCost<V>(ConvShape shape, double multiplicationsPerNanosecond) where V : struct, ISimd<V>
    {
        const double groupCost = 400, termCost = 5.3, resultCost = 2, rowCost = 35;
        double terms = (double)shape.Channels * shape.Taps * GemmPacking.PaddedColumns<V>(shape.OutputSize), results = (double)shape.Channels * shape.InputSize;
        return 100 + (double)shape.Batch * shape.Groups * (groupCost + terms * (shape.Filters / multiplicationsPerNanosecond + termCost / V.Count) + results * (resultCost / V.Count + rowCost / Math.Max(1, shape.Input[2])));
    }

    // Products with all rows and columns of their tiles, and the patches: elements, and runs of them in one row.
    private static double ProductCost<V>(ConvShape shape, double multiplicationsPerNanosecond) where V : struct, ISimd<V>
    {
        // Nanoseconds, fitted with those of direct sums over random shapes; the rate is what whole tiles reach, a pass over a panel one tile's over
        // one depth of the sums, a ragged row one that ends within a vector.
        const double rowsRate = 1.3, patchCost = 0.22, stepCost = 1, runCost = 5.2, cutCost = 22, passCost = 24, raggedCost = 4.6, passDepth = 320;
        double columns = GemmPacking.PaddedColumns<V>(shape.OutputSize), elements = shape.K * columns, panels = Math.Ceiling(columns / GemmTiles<V>.Width);
        double perElement = shape.Stride[2] <= 2 ? patchCost / V.Count : stepCost;
        double runs = shape.IsPointwise ? 0 : columns / GemmTiles<V>.Width + (double)shape.OutputSize / Math.Max(1, shape.Output[2]);
        var tiling = RowTiling.For(shape.Filters, GemmTiles<V>.RowCounts);
        int rows = Math.Max(4, tiling.PaddedRows), ragged = shape.OutputSize % V.Count == 0 ? 0 : shape.Filters;
        double passes = tiling.Tiles * panels * Math.Ceiling(shape.K / passDepth);
        return 100 + (double)shape.Batch * shape.Groups * (elements * (rows / (rowsRate * multiplicationsPerNanosecond) + perElement)
            + runs * (shape.K * runCost + shape.Taps * cutCost) + passes * passCost + ragged * raggedCost);
    }
}
