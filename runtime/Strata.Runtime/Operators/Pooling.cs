using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>A statistic over each window of each channel of x <c>[N, C, spatial…]</c>, to <c>[N, C, out…]</c>.</summary>
public abstract record Pooling : Operator
{
    /// <summary>Window geometry; the kernel shape is required.</summary>
    public WindowAttributes Window { get; init; } = new();

    /// <summary>True when a last window that reaches beyond the padded input counts.</summary>
    public bool CeilMode { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Window = Window.Walk(walker), CeilMode = walker.Flag("ceil_mode", CeilMode) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, Allowed, IsAllowed);
        var x = context.Input(0);
        context.Output(0, x.ElementType, OutputShape(context, x.Shape, Window, CeilMode));
    }

    /// <summary>What element types the operator takes, in words.</summary>
    protected virtual string Allowed => "floating point";

    /// <summary>True for an element type that the operator takes.</summary>
    protected virtual bool IsAllowed(ElementType type) => type.IsFloat();

    /// <summary>The output shape of pooling; channels come second.</summary>
    internal static Shape? OutputShape(InferenceContext context, Shape? x, WindowAttributes window, bool ceil)
    {
        if (window.KernelShape.IsEmpty) throw context.Fail("attribute kernel_shape is missing");
        int spatial = window.KernelShape.Length;
        window.CheckRank(context, spatial);
        if (x is null) return context.FreshShape(spatial + 2);
        if (x.Rank != spatial + 2) throw context.Fail($"kernel_shape has {spatial} values, so the input needs rank {spatial + 2}, has {x.Rank}");
        for (int d = 0; d < spatial; d++) x = x.With(d + 2, window.Output(context, d, x[d + 2], window.KernelShape[d], ceil));
        return x;
    }
}

/// <summary>The mean over each window.</summary>
public sealed record AveragePool : Pooling
{
    /// <summary>True when padding counts as zeros; otherwise the mean is over real elements only.</summary>
    public bool CountIncludePad { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => ((AveragePool)base.Walk(walker)) with { CountIncludePad = walker.Flag("count_include_pad", CountIncludePad) };
}

/// <summary>The Lp norm of each window.</summary>
public sealed record LpPool : Pooling
{
    /// <summary>The exponent.</summary>
    public long P { get; init; } = 2;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => ((LpPool)base.Walk(walker)) with { P = walker.Int("p", P) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (P < 1) throw context.Fail($"p must be positive, is {P}");
        base.Infer(context);
    }
}

/// <summary>
/// The largest element of each window, padding apart; NaN wins. The optional second output holds its position in x as i64.
/// </summary>
public sealed record MaxPool : Pooling
{
    /// <summary>How positions count the spatial axes: 0 row-major, 1 column-major.</summary>
    public long StorageOrder { get; init; }

    /// <inheritdoc/>
    protected override string Allowed => "floating point, i8 or u8";

    /// <inheritdoc/>
    protected override bool IsAllowed(ElementType type) => type.IsFloat() || type is ElementType.Int8 or ElementType.UInt8;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => ((MaxPool)base.Walk(walker)) with { StorageOrder = walker.Int("storage_order", StorageOrder) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (StorageOrder is not (0 or 1)) throw context.Fail($"storage_order is {StorageOrder}; allowed are 0 (row-major) and 1 (column-major)");
        base.Infer(context);
        context.Output(1, ElementType.Int64, OutputShape(context, context.Input(0).Shape, Window, CeilMode));
    }
}
