using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// What quantising and dequantising share: operands x, scale, zero-point (optional, of the codes' type, default 0). The
/// scale's shape tells the granularity: one element for the whole tensor, a vector along <see cref="Axis"/>, or, with
/// <see cref="BlockSize"/>, the shape of x with ⌈extent / block size⌉ along the axis.
/// </summary>
public abstract record LinearQuantization : Operator
{
    /// <summary>The axis that has several scales, in [−rank, rank); meaningless for one scale and for rank 1.</summary>
    public long Axis { get; init; } = 1;

    /// <summary>Elements along the axis that share a scale; 0 for one scale per index (or for all).</summary>
    public long BlockSize { get; init; }

    /// <summary>The type of the result; null to take it from the operands.</summary>
    public ElementType? OutputType { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Axis = walker.Int("axis", Axis),
        BlockSize = walker.Int("block_size", BlockSize),
        OutputType = walker.Type("output_dtype", OutputType),
    };

    internal static bool IsCode(ElementType type) => type.Bits() is > 0 and <= 16 && (type.IsInteger()
        || type is ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ or ElementType.Float4E2M1);

    private protected static bool IsReal(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    /// <summary>The axis for a known rank: a vector has only one.</summary>
    internal int AxisFor(InferenceContext context, int rank) => rank == 1 && Axis is >= -1 and <= 1 ? 0 : context.Axis(Axis, rank);

    /// <summary>Checks the shapes of scale and zero-point against that of x.</summary>
    private protected void CheckShapes(InferenceContext context)
    {
        if (BlockSize is < 0 or > int.MaxValue) throw context.Fail($"block_size must lie in [0, {int.MaxValue}], is {BlockSize}");
        Shape? x = context.Input(0).Shape, scale = context.Input(1).Shape;
        if (scale is null) return;
        if (context.Has(2) && context.Input(2).Shape is { } zeroPoint)
        {
            if (zeroPoint.Rank != scale.Rank)
            {
                if (zeroPoint.Rank > 1 || scale.Rank > 1) throw context.Fail($"scale {scale} and zero-point {zeroPoint} must have the same shape");
                context.Same(zeroPoint.Count, scale.Count, $"scale {scale} and zero-point {zeroPoint} must have the same shape");
            }
            for (int d = 0; d < Math.Min(scale.Rank, zeroPoint.Rank); d++) context.Same(scale[d], zeroPoint[d], "scale and zero-point must have the same shape");
        }
        if (IsOne(scale)) return;
        if (x is not null && x.Rank == 0) throw context.Fail($"a scalar has one scale, got {scale}");
        if (BlockSize == 0)
        {
            if (scale.Rank != 1) throw context.Fail($"without block_size the scale must be a scalar or a vector, has shape {scale}");
            if (x is not null) context.Same(scale[0], x[AxisFor(context, x.Rank)], "the scale must have one element per index along the axis");
            return;
        }
        if (x is null) return;
        if (scale.Rank != x.Rank) throw context.Fail($"with block_size the scale must have the rank of the input, has shape {scale}, the input {x}");
        int axis = AxisFor(context, x.Rank);
        for (int d = 0; d < x.Rank; d++)
        {
            context.Same(scale[d], d == axis ? Dim.CeilDiv(x[d], BlockSize) : x[d], $"a blocked scale must have the input's shape but for axis {axis}; block_size is {BlockSize}");
        }
    }

    /// <summary>The quantisation that constant operands describe; null when they are not constant.</summary>
    private protected Quantization? Describe(InferenceContext context)
    {
        if (context.Constant(1) is not { } scale || context.Has(2) && context.Constant(2) is null) return null;
        if (scale.Count == 1) return new(scale, context.Constant(2));
        return context.Input(0).Rank is { } rank ? new(scale, context.Constant(2), AxisFor(context, rank), (int)BlockSize) : null;
    }

    private static bool IsOne(Shape shape) => shape.Rank <= 1 && shape.Count.Is(1);
}

/// <summary>
/// Real numbers to codes: <c>saturate(round(x / scale) + zero_point)</c>, ties to even. Codes are integers of up to 16 bits, or
/// 8- and 4-bit floats, which round to their own precision instead.
/// </summary>
public sealed record QuantizeLinear : LinearQuantization
{
    /// <summary>True to bound 8-bit floats by their largest finite value; false to give infinity or NaN beyond.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>The type in which x is divided by the scale; null for the scale's.</summary>
    public ElementType? Precision { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (QuantizeLinear)base.Walk(walker) with
    {
        Saturate = walker.Flag("saturate", Saturate),
        Precision = walker.Type("precision", Precision),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "f32, f16, bf16, f64 or i32", static t => IsReal(t) || t == ElementType.Int32);
        context.Allow(1, "f32, f16, bf16, f64, f8e8m0 or i32", static t => IsReal(t) || t is ElementType.Int32 or ElementType.Float8E8M0);
        if (Precision is { } precision && !IsReal(precision)) throw context.Fail($"precision must be f32, f16, bf16 or f64, is {precision.Name()}");
        var type = OutputType ?? (context.Has(2) ? context.Input(2).ElementType : ElementType.UInt8);
        if (!IsCode(type)) throw context.Fail($"codes must be integers of up to 16 bits or floats of up to 8, are {type.Name()}");
        if (context.Has(2)) context.Allow(2, type.Name(), t => t == type);
        CheckShapes(context);
        context.Output(0, new TensorType(type, context.Input(0).Shape, Describe(context)));
    }
}

/// <summary>Codes to real numbers: <c>(x − zero_point) · scale</c>, rounded once to the type of the result, by default the scale's.</summary>
public sealed record DequantizeLinear : LinearQuantization
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "an integer of up to 16 bits, i32, or a float of up to 8 bits", static t => IsCode(t) || t == ElementType.Int32);
        context.Allow(1, "f32, f16, bf16, f64 or f8e8m0", static t => IsReal(t) || t == ElementType.Float8E8M0);
        var type = OutputType ?? context.Input(1).ElementType;
        if (!IsReal(type)) throw context.Fail($"output_dtype must be f32, f16, bf16 or f64, is {type.Name()}");
        var x = context.Input(0);
        if (context.Has(2)) context.Allow(2, x.ElementType.Name(), t => t == x.ElementType);
        CheckShapes(context);
        context.Output(0, type, x.Shape);
    }
}

/// <summary>
/// Quantises an f32 tensor to u8 by its own range, extended to hold 0. Outputs: the codes, the scale
/// <c>(max − min) / 255</c> (1 where the range is empty), the zero-point.
/// </summary>
public sealed record DynamicQuantizeLinear : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "f32", static t => t == ElementType.Float32);
        context.Output(0, ElementType.UInt8, context.Input(0).Shape);
        context.Output(1, ElementType.Float32, Shape.Scalar);
        context.Output(2, ElementType.UInt8, Shape.Scalar);
    }
}
