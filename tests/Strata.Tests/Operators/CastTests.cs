using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Operators;

public class CastTests
{
    private static Tensor To(ElementType type, Tensor x) => Run(new Cast { To = type }, x);

    [Fact]
    public void LargeIntegersRoundOnce()
    {
        // bf16 has 8 significant bits: 2^60 + 2^52 is a tie, one more lies above it; binary64 cannot tell them apart.
        const long Tie = (1L << 60) + (1L << 52);
        Assert.Equal([Math.ScaleB(1, 60), Math.ScaleB(129, 53), -Math.ScaleB(129, 53)], To(ElementType.BFloat16, Tensor.Vector(Tie, Tie + 1, -Tie - 1)).ToDoubles());
        const ulong TieF32 = (1UL << 63) + (1UL << 39);
        Assert.Equal([Math.ScaleB(1, 63), Math.ScaleB((1 << 23) + 1, 40)], To(ElementType.Float32, Tensor.Vector(TieF32, TieF32 + 1)).ToDoubles());
    }

    [Fact]
    public void DoublesRoundOnce()
    {
        // Just above the tie between 1 and 1 + 2^-10: by way of f32 it would become the tie, and then 1.
        double above = 1 + Math.ScaleB(1, -11) + Math.ScaleB(1, -40);
        Assert.Equal([1 + Math.ScaleB(1, -10)], To(ElementType.Float16, Tensor.Vector(above)).ToDoubles());
    }

    [Fact]
    public void IntegersKeepTheirLowBits()
    {
        Assert.Equal([-56L, 127, -1], To(ElementType.Int8, Tensor.Vector<short>(200, 127, -1)).ToInt64s());
        Assert.Equal([7L, 8], To(ElementType.UInt4, Tensor.Vector(-9, 24)).ToInt64s());
        Assert.Equal([true, false, true], To(ElementType.Bool, Tensor.Vector(36, 0, -1)).Span<bool>().ToArray());
        Assert.Equal([true, false, true], To(ElementType.Bool, Floats(float.NaN, -0f, 0.1f)).Span<bool>().ToArray());
        Assert.Equal([3L, -3], To(ElementType.Int64, Floats(3.9f, -3.9f)).ToInt64s());
    }

    [Theory]
    [InlineData(ElementType.Float8E4M3FN, 448)]
    [InlineData(ElementType.Float8E4M3FNUZ, 240)]
    [InlineData(ElementType.Float8E5M2, 57344)]
    [InlineData(ElementType.Float8E5M2FNUZ, 57344)]
    public void EightBitFloatsSaturateUnlessTold(ElementType type, double largest)
    {
        var x = Floats(1e6f, float.NegativeInfinity, float.NaN);
        Assert.Equal([largest, -largest, double.NaN], To(type, x).ToDoubles());
        double beyond = type == ElementType.Float8E5M2 ? double.PositiveInfinity : double.NaN;
        Assert.Equal([beyond, -beyond, double.NaN], Run(new Cast { To = type, Saturate = false }, x).ToDoubles());
    }

    [Theory]
    [InlineData(PowerRounding.Up, new double[] { 2, 2, 4, 4 })]
    [InlineData(PowerRounding.Down, new double[] { 1, 2, 2, 2 })]
    [InlineData(PowerRounding.Nearest, new double[] { 1, 2, 4, 4 })]
    public void PowersRoundAsTold(PowerRounding mode, double[] expected) =>
        Assert.Equal(expected, Run(new Cast { To = ElementType.Float8E8M0, RoundMode = mode }, Floats(1.25f, 2, 3, 3.5f)).ToDoubles());

    [Fact]
    public void PowersHaveNoZeroAndNoInfinity()
    {
        var x = Tensor.Vector(0.0, 1e-300, 1e300, double.PositiveInfinity, double.NaN);
        Assert.Equal([0, 0, 254, 254, 255], Run(new Cast { To = ElementType.Float8E8M0 }, x).Bytes.ToArray());
        Assert.Equal([255, 255, 255, 255, 255], Run(new Cast { To = ElementType.Float8E8M0, Saturate = false, RoundMode = PowerRounding.Nearest }, x).Bytes.ToArray());
    }

    [Fact]
    public void StringsAreDecimalNumbers()
    {
        var text = Tensor.FromStrings([6], "1e-5", " 3.5 ", "+INF", "-inf", "nan", "16777217");
        Assert.Equal([1e-5f, 3.5f, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 16777216f], To(ElementType.Float32, text).Span<float>().ToArray());
        Assert.Equal([long.MaxValue, -2], To(ElementType.Int64, Tensor.FromStrings([2], "9223372036854775807", "-2")).Span<long>().ToArray());
        Assert.Equal([ulong.MaxValue], To(ElementType.UInt64, Tensor.FromStrings([1], "18446744073709551615")).Span<ulong>().ToArray());
        Assert.Contains("'hello' is not a number", Assert.Throws<InvalidInputException>(() => To(ElementType.Float32, Tensor.FromStrings([], "hello"))).Message, StringComparison.Ordinal);
        Assert.Equal(["0.1", "-2", "NaN", "INF"], To(ElementType.String, Floats(0.1f, -2, float.NaN, float.PositiveInfinity)).Strings.ToArray());
        Assert.Equal(["-9", "18446744073709551615"], [To(ElementType.String, Tensor.Vector(-9)).Strings[0], To(ElementType.String, Tensor.Vector(ulong.MaxValue)).Strings[0]]);
    }

    [Fact]
    public void ComplexNumbersAreRefused()
    {
        Assert.Contains("cannot cast to c64", Refusal(new Cast { To = ElementType.Complex64 }, F32(1)), StringComparison.Ordinal);
        Assert.Contains("input 0 must be of any type but complex", Refusal(new Cast { To = ElementType.Float32 }, Type(ElementType.Complex64, 1)), StringComparison.Ordinal);
        Assert.Contains("attribute to is missing", Refusal(new Cast(), F32(1)), StringComparison.Ordinal);
    }
}
