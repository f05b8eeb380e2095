using System.Runtime.Intrinsics;
using Strata.Kernels.Attention;
using Strata.Kernels.Conv;
using Strata.Kernels.Conversion;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Integer;
using Strata.Kernels.MatMul;
using Strata.Kernels.Movement;
using Strata.Kernels.Normalization;
using Strata.Kernels.Pooling;
using Strata.Kernels.Ranking;
using Strata.Kernels.Recurrence;
using Strata.Kernels.Reduction;
using Strata.Kernels.Resampling;
using Strata.Kernels.Spectral;
using Strata.Networks;

namespace Strata.Kernels;

/// <summary>The widest vectors that a kernel needs.</summary>
internal enum SimdLevel
{
    /// <summary>None: plain scalar code.</summary>
    Scalar,
    /// <summary>128 bits.</summary>
    Vector128,
    /// <summary>256 bits.</summary>
    Vector256,
    /// <summary>512 bits.</summary>
    Vector512,
}

/// <summary>A variant of a kernel: what it computes, what it needs, what it is expected to cost, and how it is made.</summary>
internal sealed record KernelRow
{
    /// <summary>Family, variant and vector width, such as <c>gemm.pack.v512</c>; unique.</summary>
    public required string Name { get; init; }

    /// <summary>The type of the operators that it computes.</summary>
    public required Type Operator { get; init; }

    /// <summary>The vectors that it needs.</summary>
    public SimdLevel Needs { get; init; } = SimdLevel.Scalar;

    /// <summary>True when it applies an <see cref="Epilogue"/>; other rows are asked without one only.</summary>
    public bool TakesEpilogue { get; init; }

    /// <summary>True when it computes with sums of operands in their place: integers, too, come out rounded.</summary>
    public bool Transforms { get; init; }

    /// <summary>True for requests (element types, shapes, attributes) that it can serve.</summary>
    public required Func<KernelRequest, bool> Supports { get; init; }

    /// <summary>Expected nanoseconds on one thread, for choosing among rows.</summary>
    public required Func<KernelRequest, double> Cost { get; init; }

    /// <summary>Makes the kernel for a request that it supports.</summary>
    public required Func<KernelRequest, IKernel> Create { get; init; }
}

/// <summary>
/// All kernels. Dispatch takes the cheapest row that supports a request; tests, benchmarks and <c>strata explain</c> walk the
/// same rows. The environment variable <c>STRATA_FORCE_KERNEL</c> names a row that is taken wherever it can be.
/// </summary>
internal static partial class KernelTable
{
    private static readonly string? Forced = Environment.GetEnvironmentVariable("STRATA_FORCE_KERNEL");

    /// <summary>The vectors that this machine has (and the process may use).</summary>
    public static SimdLevel Level { get; } =
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512 : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256 : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128 : SimdLevel.Scalar;

    /// <summary>Every row.</summary>
    public static IReadOnlyList<KernelRow> Rows { get; } =
    [
        .. ElementFunctions.Rows,
        .. MatMulRows.All,
        .. ConvRows.All,
        .. MovementRows.All,
        .. IndexedRows.All,
        .. RankingRows.All,
        .. ResizeRows.All,
        .. ReductionRows.All,
        .. PoolRows.All,
        .. NormalizationRows.All,
        .. QuantizationRows.All,
        .. RecurrenceRows.All,
        .. AttentionRows.All,
        .. RotaryRows.All,
        .. SpectralRows.All,
        .. IntegerRows.All,
        .. ExactRows.All,
        .. CodePoolRows.All,
        .. WideRows.All,
    ];

    private static readonly ILookup<Type, KernelRow> ByOperator = Rows.ToLookup(r => r.Operator);

    /// <summary>The rows that support a request on this machine.</summary>
    public static IEnumerable<KernelRow> Supporting(KernelRequest request) =>
        ByOperator[request.Operator.GetType()].Where(r => r.Needs <= Level && (r.TakesEpilogue || request.Epilogue.IsEmpty) && r.Supports(request));

    /// <summary>The row to take, or null when none supports the request; <paramref name="keepsIntegers"/>: one that gives sums of integers below 2²⁴ exactly.</summary>
    public static KernelRow? Find(KernelRequest request, bool keepsIntegers = false)
    {
        var rows = Supporting(request).Where(r => !keepsIntegers || !r.Transforms).ToArray();
        return rows.FirstOrDefault(r => r.Name == Forced) ?? rows.MinBy(r => r.Cost(request));
    }
}
