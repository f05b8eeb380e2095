using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Operators;

public class QuantizationTests
{
    [Theory]
    [InlineData(ElementType.UInt8, 0, 255)]
    [InlineData(ElementType.Int8, -128, 127)]
    [InlineData(ElementType.UInt16, 0, 65535)]
    [InlineData(ElementType.Int16, -32768, 32767)]
    [InlineData(ElementType.UInt4, 0, 15)]
    [InlineData(ElementType.Int4, -8, 7)]
    [InlineData(ElementType.UInt2, 0, 3)]
    [InlineData(ElementType.Int2, -2, 1)]
    public void CodesSaturate(ElementType type, long least, long most)
    {
        var codes = Run(new QuantizeLinear { OutputType = type }, Floats(-1e9f, 1e9f, float.NegativeInfinity, 1), Tensor.Scalar(1f));
        Assert.Equal([least, most, least, 1], codes.ToInt64s());
    }

    // Rounding comes before the zero-point: with an odd one, half to even would otherwise go the other way.
    [Fact]
    public void TiesGoToEvenBeforeTheZeroPointIsAdded() => Assert.Equal(
        [3L, 5, 5, 3], Run(new QuantizeLinear(), Floats(0.5f, 1.5f, 2.5f, -0.5f), Tensor.Scalar(1f), Tensor.Scalar<byte>(3)).ToInt64s());

    [Fact]
    public void TheScaleIsOnePerIndexAlongTheAxis()
    {
        var x = Of(ElementType.Float32, [2, 3], 2, 4, 6, 10, 20, 30);
        Assert.Equal([1L, 2, 3, 1, 2, 3], Run(new QuantizeLinear { Axis = 0 }, x, Floats(2, 10)).ToInt64s());
        Assert.Equal([2L, 2, 2, 10, 10, 10], Run(new QuantizeLinear { Axis = -1 }, x, Floats(1, 2, 3)).ToInt64s());
        Assert.Equal([1f, 4, 9], Run(new DequantizeLinear(), Tensor.Vector<sbyte>(1, 2, 3), Floats(1, 2, 3)).Span<float>().ToArray());
    }

    [Fact]
    public void TheLastBlockMayBeShort()
    {
        // Blocks of 2 along an axis of 5, three scales per row.
        var x = Of(ElementType.Int8, [2, 5], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        var scale = Of(ElementType.Float32, [2, 3], 1, 10, 100, 2, 20, 200);
        var zero = Of(ElementType.Int8, [2, 3], 0, 1, 2, 3, 4, 5);
        Assert.Equal([1f, 2, 20, 30, 300, 6, 8, 80, 100, 1000], Run(new DequantizeLinear { BlockSize = 2 }, x, scale, zero).Span<float>().ToArray());
        var along0 = Run(new DequantizeLinear { BlockSize = 2, Axis = 0 }, Of(ElementType.Int8, [3, 2], 1, 2, 3, 4, 5, 6), Of(ElementType.Float32, [2, 2], 1, 10, 100, 1000));
        Assert.Equal([1f, 20, 3, 40, 500, 6000], along0.Span<float>().ToArray());
    }

    [Fact]
    public void PrecisionIsThatOfTheScaleUnlessTold()
    {
        // 1/3 of 2049: 683 exactly; f16 has no 2049 and takes 2048, 682.67 and rounds to 682.5 (steps of ½), a tie.
        var x = Floats(2049);
        var scale = Of(ElementType.Float16, [], 3);
        Assert.Equal([682L], Run(new QuantizeLinear { OutputType = ElementType.Int16 }, x, scale).ToInt64s());
        Assert.Equal([683L], Run(new QuantizeLinear { OutputType = ElementType.Int16, Precision = ElementType.Float32 }, x, scale).ToInt64s());
    }

    [Fact]
    public void FloatCodesRoundToTheirOwnPrecision()
    {
        var x = Floats(1.1f, 1e6f, -3.4f);
        Assert.Equal([1.125, 448, -3.5], Run(new QuantizeLinear { OutputType = ElementType.Float8E4M3FN }, x, Tensor.Scalar(1f)).ToDoubles());
        Assert.True(double.IsNaN(Run(new QuantizeLinear { OutputType = ElementType.Float8E4M3FN, Saturate = false }, x, Tensor.Scalar(1f)).ToDoubles()[1]));
        Assert.Equal([1, 6, -3], Run(new QuantizeLinear { OutputType = ElementType.Float4E2M1 }, x, Tensor.Scalar(1f)).ToDoubles());
    }

    [Fact]
    public void ResultsRoundOnce()
    {
        Assert.Equal([2.5], Run(new DequantizeLinear { OutputType = ElementType.Float16 }, Tensor.Vector<byte>(7), Tensor.Scalar(0.5f), Tensor.Scalar<byte>(2)).ToDoubles());
        Assert.Equal(ElementType.BFloat16, Run(new DequantizeLinear(), Tensor.Vector<byte>(7), Of(ElementType.BFloat16, [], 2)).ElementType);
        Assert.Equal([-6f], Run(new DequantizeLinear(), Tensor.Vector(-3), Tensor.Scalar(2f)).Span<float>().ToArray());
        Assert.Equal([12f], Run(new DequantizeLinear { OutputType = ElementType.Float32 }, Of(ElementType.Int4, 3), Of(ElementType.Float8E8M0, [], 4)).Span<float>().ToArray());
    }

    [Fact]
    public void TheTypeOfCodesSaysHowTheyWereMade()
    {
        var builder = new NetworkBuilder("test");
        var x = builder.Input("x", F32("N", 2));
        var scale = builder.Constant(Floats(0.5f, 0.25f));
        var zero = builder.Constant(Tensor.Vector<sbyte>(0, 1));
        var perAxis = (TensorType)builder.Add(new QuantizeLinear { Axis = -1 }, x, scale, zero).Type;
        Assert.Equal(new Quantization(scale.Constant!, zero.Constant, 1), perAxis.Quantization);
        var one = builder.Constant(Tensor.Scalar(0.5f));
        Assert.Equal(new Quantization(one.Constant!, null), ((TensorType)builder.Add(new QuantizeLinear(), x, one).Type).Quantization);
        Assert.Null(((TensorType)builder.Add(new QuantizeLinear(), x, builder.Input("scale", F32())).Type).Quantization);
    }

    [Fact]
    public void ShapesOfScalesAreChecked()
    {
        var codes = Type(ElementType.Int8, 2, 6);
        Assert.Contains("one element per index along the axis: 3 against 6", Refusal(new DequantizeLinear(), codes, F32(3)), StringComparison.Ordinal);
        Assert.Contains("block_size is 4", Refusal(new DequantizeLinear { BlockSize = 4 }, codes, F32(2, 3)), StringComparison.Ordinal);
        Assert.Contains("axis 2 lies outside [-2, 1]", Refusal(new DequantizeLinear { Axis = 2 }, codes, F32(6)), StringComparison.Ordinal);
        Assert.Contains("must be i8, is u8", Refusal(new DequantizeLinear(), codes, F32(), Type(ElementType.UInt8)), StringComparison.Ordinal);
        Assert.Contains("must be f32, f16, bf16 or f64, is f8e8m0", Refusal(new DequantizeLinear(), codes, Type(ElementType.Float8E8M0)), StringComparison.Ordinal);
        Assert.Equal("f32[*]", Infer(new DequantizeLinear(), Type(ElementType.Int8, null), F32(3)));
        Assert.Equal("f16[N, C]", Infer(new DequantizeLinear { OutputType = ElementType.Float16, BlockSize = 4 }, Type(ElementType.Int4, "N", "C"), F32("N", "B")));
    }

    [Fact]
    public void TheRangeIncludesZero()
    {
        var results = RunMany(new DynamicQuantizeLinear(), 3, Floats(1, 2, 5.1f));
        Assert.Equal(5.1f / 255, results[1].Span<float>()[0]);
        Assert.Equal(0, results[2].Span<byte>()[0]);
        Assert.Equal([50, 100, 255], results[0].Span<byte>().ToArray());

        results = RunMany(new DynamicQuantizeLinear(), 3, Floats(-3, -1));
        Assert.Equal(255, results[2].Span<byte>()[0]);
        Assert.Equal([0, 170], results[0].Span<byte>().ToArray());

        results = RunMany(new DynamicQuantizeLinear(), 3, Floats(0, 0));
        Assert.Equal([1f, 0], [results[1].Span<float>()[0], results[2].Span<byte>()[0]]);
    }
}
