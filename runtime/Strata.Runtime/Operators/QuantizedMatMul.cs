using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Product of 8-bit integer matrices in wrapping 32 bits. Operands: a, b, zero-points of a and b (optional): scalars, or per row
/// of a (<c>[M]</c> or <c>[…, M, 1]</c>) and per column of b (<c>[N]</c> or <c>[…, 1, N]</c>).
/// </summary>
public sealed record MatMulInteger : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 4);
        for (int i = 0; i < 2; i++)
        {
            context.Allow(i, "i8 or u8", QuantizedOperands.IsByte);
            var type = context.Input(i).ElementType;
            if (context.Has(i + 2)) context.Allow(i + 2, type.Name(), t => t == type);
        }
        context.Output(0, ElementType.Int32, MatMul.ProductShape(context, context.Input(0).Shape, context.Input(1).Shape));
    }
}

/// <summary>
/// Product of quantised matrices, requantised: <c>saturate(round(acc · (a_scale · b_scale / y_scale)) + y_zero_point)</c>, ties to
/// even, acc in wrapping 32 bits. Operands: a, its scale and zero-point, b, its scale and zero-point, scale and zero-point of
/// the result; parameters are scalars, or per row of a and per column of b as in <see cref="MatMulInteger"/>.
/// Codes are 8-bit integers, or 8-bit floats, which are summed in floating point.
/// </summary>
public sealed record QLinearMatMul : Operator
{
    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(8, 8);
        foreach (int i in (int[])[0, 3])
        {
            context.Allow(i, "an 8-bit integer or float", QuantizedOperands.IsByteCode);
            var type = context.Input(i).ElementType;
            context.Allow(i + 2, type.Name(), t => t == type);
        }
        var scale = context.Input(1).ElementType;
        context.Allow(1, "floating point", ElementTypes.IsFloat);
        foreach (int i in (int[])[4, 6]) context.Allow(i, scale.Name(), t => t == scale);
        context.Allow(7, "an 8-bit integer or float", QuantizedOperands.IsByteCode);
        if (context.Input(0).ElementType.IsFloat() != context.Input(3).ElementType.IsFloat()) throw context.Fail("a and b must both be integers or both be floats");
        var shape = MatMul.ProductShape(context, context.Input(0).Shape, context.Input(3).Shape);
        context.Output(0, new TensorType(context.Input(7).ElementType, shape, QuantizedOperands.PerTensor(context, 6, 7)));
    }
}

/// <summary>
/// Product of a <c>[…, K]</c> with a matrix of packed low-bit weights, dequantised by blocks along K:
/// <c>y[…, n] = Σₖ a[…, k] · (w[n, k] − zero) · scale + bias[n]</c>. Operands: a; weights u8 <c>[N, ⌈K/block⌉, block·bits/8]</c>, lowest
/// bits first; scales <c>[N, ⌈K/block⌉]</c> in any shape; zero-points (optional, default 2^(bits−1)), packed per row as u8, or
/// one per scale of a's type; the block of each k, i32 <c>[K]</c> (optional); bias <c>[N]</c> (optional).
/// </summary>
public sealed record MatMulNBits : Operator
{
    /// <summary>Length of a row of a.</summary>
    public long K { get; init; }

    /// <summary>Number of results per row.</summary>
    public long N { get; init; }

    /// <summary>Bits of a weight: 2, 4 or 8.</summary>
    public long Bits { get; init; } = 4;

    /// <summary>Weights along K that share a scale: a power of two, 16 or more.</summary>
    public long BlockSize { get; init; }

    /// <summary>How roughly a kernel may compute (0: as a's type, 1 f32, 2 f16, 3 bf16, 4 i8); results differ only by rounding.</summary>
    public long AccuracyLevel { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        K = walker.Int("K", K),
        N = walker.Int("N", N),
        Bits = walker.Int("bits", Bits),
        BlockSize = walker.Int("block_size", BlockSize),
        AccuracyLevel = walker.Int("accuracy_level", AccuracyLevel),
    };

    /// <summary>Blocks along a row of weights.</summary>
    public int BlocksPerRow => (int)((K + BlockSize - 1) / BlockSize);

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 6);
        if (K is < 1 or > int.MaxValue || N is < 1 or > int.MaxValue) throw context.Fail($"K and N must be positive, are {K} and {N}");
        if (Bits is not (2 or 4 or 8)) throw context.Fail($"bits must be 2, 4 or 8, is {Bits}");
        if (BlockSize is < 16 or > 1 << 20 || !long.IsPow2(BlockSize)) throw context.Fail($"block_size must be a power of two from 16 on, is {BlockSize}");
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        context.Allow(1, "u8", static t => t == ElementType.UInt8);
        var a = context.Input(0);
        context.Allow(2, a.ElementType.Name(), t => t == a.ElementType);
        if (context.Has(3)) context.Allow(3, $"u8 or {a.ElementType.Name()}", t => t == ElementType.UInt8 || t == a.ElementType);
        if (context.Has(4)) context.Allow(4, "i32", static t => t == ElementType.Int32);
        if (context.Has(5)) context.Allow(5, a.ElementType.Name(), t => t == a.ElementType);
        CheckCount(context, 1, "weights", N * BlocksPerRow * (BlockSize * Bits / 8));
        CheckCount(context, 2, "scales", N * BlocksPerRow);
        if (a.Shape is { Rank: 0 }) throw context.Fail("input 0 must have rank 1 or more");
        if (a.Shape is { } shape) context.Same(shape[shape.Rank - 1], K, "the last dimension of input 0 must be K");
        context.Output(0, a.ElementType, a.Shape is null ? null : a.Shape.With(a.Shape.Rank - 1, N));
    }

    private static void CheckCount(InferenceContext context, int input, string what, long expected)
    {
        if (context.Input(input).Shape?.Count.Constant is { } count && count != expected) throw context.Fail($"{what} must have {expected} elements, have {count}");
    }
}

/// <summary>Facts that the quantised operators share.</summary>
internal static class QuantizedOperands
{
    public static bool IsByte(ElementType type) => type is ElementType.Int8 or ElementType.UInt8;

    public static bool IsByteCode(ElementType type) => IsByte(type) || type.IsFloat() && type.Bits() == 8 && type != ElementType.Float8E8M0;

    /// <summary>The quantisation that a constant scalar scale and zero-point describe, or null.</summary>
    public static Quantization? PerTensor(InferenceContext context, int scale, int zeroPoint) =>
        context.Constant(scale) is { Count: 1 } s && (!context.Has(zeroPoint) || context.Constant(zeroPoint) is { Count: 1 }) ? new(s, context.Constant(zeroPoint)) : null;
}
