using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Operators;

public class ElementwiseTests
{
    public static TheoryData<string> UnaryNames => [.. OperatorCatalog.Standard.Rows.Where(r => r.Prototype is Unary).Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(UnaryNames))]
    public void AUnaryOperatorKeepsTypeAndShape(string name)
    {
        Assert.True(OperatorCatalog.Standard.TryGet(name, out var row));
        var type = row.Prototype switch { Not => ElementType.Bool, BitwiseNot => ElementType.Int32, _ => ElementType.Float32 };
        Assert.Equal($"{type.Name()}[N, 3]", Infer(row.Prototype, Type(type, "N", 3)));
        Assert.Equal($"{type.Name()}[*]", Infer(row.Prototype, Type(type, null)));
        Assert.Equal([2, 0], Run(row.Prototype, Tensor.Zeros(type, 2, 0)).Dims.ToArray());
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.5, 0.5204998778130465)] // erf: Abramowitz and Stegun, table 7.1
    [InlineData(1.0, 0.8427007929497149)]
    [InlineData(2.0, 0.9953222650189527)]
    [InlineData(-3.0, -0.9999779095030014)]
    [InlineData(7.0, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    public void ErfIsAccurate(double x, double expected) => Assert.Equal(expected, Run(new Erf(), Tensor.Scalar(x)).Span<double>()[0], 2e-16);

    [Fact]
    public void FunctionsNearZeroDoNotCancel()
    {
        var tiny = Tensor.Scalar(1e-12);
        Assert.Equal(1e-12, Run(new Elu(), Tensor.Scalar(1e-12)).Span<double>()[0]);
        Assert.Equal(-1e-12 + 5e-25, Run(new Elu(), Tensor.Scalar(-1e-12)).Span<double>()[0], 1e-27);
        Assert.Equal(0.5e-12, Run(new Gelu(), tiny).Span<double>()[0], 1e-23);
        Assert.Equal(Math.Exp(-40), Run(new Softplus(), Tensor.Scalar(-40.0)).Span<double>()[0], 1e-30);
        Assert.Equal(1000, Run(new Softplus(), Tensor.Scalar(1000.0)).Span<double>()[0]);
    }

    [Fact]
    public void GeluOfAGreatNegativeNumberIsNotNoise()
    {
        // Φ(−8) = 6.220960574271785e-16
        Assert.Equal(-8 * 6.220960574271785e-16, Run(new Gelu(), Tensor.Scalar(-8.0)).Span<double>()[0], 1e-28);
        Assert.Equal([0, double.PositiveInfinity], Run(new Gelu(), Tensor.Vector(double.NegativeInfinity, double.PositiveInfinity)).ToDoubles());
    }

    [Fact]
    public void NaNPasses()
    {
        foreach (Operator op in (Operator[])[new Relu(), new LeakyRelu(), new ThresholdedRelu(), new HardSigmoid(), new Sign(), new Shrink(), new Clip(), new Max(), new Min(), new Selu(), new Celu()])
            Assert.True(float.IsNaN(Run(op, Floats(float.NaN)).Span<float>()[0]), op.ToString());
        Assert.True(float.IsNaN(Run(new Max(), Floats(1), Floats(float.NaN)).Span<float>()[0]));
        Assert.True(float.IsNaN(Run(new Clip(), Floats(float.NaN), Tensor.Scalar(0f), Tensor.Scalar(1f)).Span<float>()[0]));
    }

    [Fact]
    public void IntegerDivisionTruncatesAndTheLeastNumberStaysItself()
    {
        Assert.Equal([-2, 2, -3], Run(new Div(), Tensor.Vector(-7L, 7, -9), Tensor.Vector(3L, 3, 3)).Span<long>().ToArray());
        Assert.Equal([long.MinValue], Run(new Div(), Tensor.Vector(long.MinValue), Tensor.Vector(-1L)).Span<long>().ToArray());
        Assert.Equal([int.MinValue], Run(new Abs(), Tensor.Vector(int.MinValue)).Span<int>().ToArray());
        Assert.Contains("division of an integer by zero", Assert.Throws<InvalidInputException>(() => Run(new Div(), Tensor.Vector(1), Tensor.Vector(0))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheRemainderHasTheSignOfTheDivisorOrOfTheDividend()
    {
        Tensor a = Tensor.Vector(-7, 7, -7, 7), b = Tensor.Vector(3, -3, -3, 3);
        Assert.Equal([2, -2, -1, 1], Run(new Mod(), a, b).Span<int>().ToArray());
        Assert.Equal([-1, 1, -1, 1], Run(new Mod { Fmod = true }, a, b).Span<int>().ToArray());
        Assert.Equal([-1.5f], Run(new Mod { Fmod = true }, Floats(-5.5f), Floats(2)).Span<float>().ToArray());
        Assert.Contains("fmod must be 1", Refusal(new Mod(), F32(1), F32(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Unsigned64BitNumbersAreNotTakenForNegativeOnes()
    {
        const ulong Big = 0x8000_0000_0000_0001;
        Tensor big = Tensor.Vector(Big), three = Tensor.Vector(3UL);
        Assert.Equal([Big / 3], Run(new Div(), big, three).Span<ulong>().ToArray());
        Assert.Equal([Big % 3], Run(new Mod(), big, three).Span<ulong>().ToArray());
        Assert.Equal([Big], Run(new Max(), big, three).Span<ulong>().ToArray());
        Assert.Equal([true], Run(new Greater(), big, three).Span<bool>().ToArray());
        Assert.Equal([Big], Run(new Relu(), big).Span<ulong>().ToArray());
        Assert.Equal([1UL], Run(new Sign(), big).Span<ulong>().ToArray());
    }

    [Fact]
    public void IntegerPowersAreExactAndWrap()
    {
        Assert.Equal([unchecked(3486784401L * 3486784401L), 1, -8], Run(new Pow(), Tensor.Vector(3L, 5, -2), Tensor.Vector(40, 0, 3)).Span<long>().ToArray());
        Assert.Equal([0, 1, -1], Run(new Pow(), Tensor.Vector(2, 1, -1), Tensor.Vector(-1, -3, -3)).Span<int>().ToArray());
        Assert.Equal([1, 4], Run(new Pow(), Tensor.Vector(2, 4), Floats(0.5f, 1)).Span<int>().ToArray());
        Assert.Equal("i32[4, N]", Infer(new Pow(), Type(ElementType.Int32, "N"), F32(4, 1)));
    }

    [Fact]
    public void ShiftsByTheWidthGiveZero()
    {
        Tensor x = Tensor.Vector<byte>(0x81, 0x81, 0x81), n = Tensor.Vector<byte>(1, 8, 200);
        Assert.Equal([0x02, 0, 0], Run(new BitShift { Direction = ShiftDirection.Left }, x, n).Span<byte>().ToArray());
        Assert.Equal([0x40, 0, 0], Run(new BitShift { Direction = ShiftDirection.Right }, x, n).Span<byte>().ToArray());
        Assert.Contains("direction is required", Refusal(new BitShift(), Type(ElementType.UInt8, 1), Type(ElementType.UInt8, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void CrossedBoundsGiveTheUpperOne() =>
        Assert.Equal([1f, 1, 1], Run(new Clip(), Floats(-5, 0, 5), Tensor.Scalar(2f), Tensor.Scalar(1f)).Span<float>().ToArray());

    [Fact]
    public void ASlopeNeverWidensTheInput()
    {
        Assert.Equal([-2f, 3, -20, 5], Run(new PRelu(), Of(ElementType.Float32, [2, 2], -1, 3, -4, 5), Of(ElementType.Float32, [2, 1], 2, 5)).Span<float>().ToArray());
        Assert.Contains("must broadcast to the input", Refusal(new PRelu(), F32(2), F32(2, 2)), StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => Run(new PRelu(), Floats(-1), Floats(1, 2)));
    }

    [Fact]
    public void WhereTakesElementsOfAnyType()
    {
        var condition = Tensor.From<bool>([2, 1], [true, false]);
        Assert.Equal(["a", "a", "x", "y"], Run(new Where(), condition, Tensor.FromStrings([], "a"), Tensor.FromStrings([2], "x", "y")).Strings.ToArray());
        var codes = Run(new Where(), condition, Of(ElementType.Int4, -8), Of(ElementType.Int4, 1, 2, 3));
        Assert.Equal([-8, -8, -8, 1, 2, 3], codes.ToInt64s());
    }

    [Fact]
    public void OperandsBroadcastWithSymbols()
    {
        Assert.Equal("f32[batch, 3, 4]", Infer(new Add(), F32("batch", 3, 1), F32(4)));
        Assert.Equal("bool[N, N]", Infer(new Less(), F32("N", "N"), F32("N")));
        Assert.Equal("f32[*]", Infer(new Mul(), F32(2), F32(null)));
        Assert.Equal("f32[5, N]", Infer(new Sum(), F32("N"), F32(5, 1), F32(1, 1)));
        Assert.Contains("do not broadcast", Refusal(new Add(), F32(2), F32(3)), StringComparison.Ordinal);
        Assert.Contains("element types differ: f32 and i32", Refusal(new Sub(), F32(2), Type(ElementType.Int32, 2)), StringComparison.Ordinal);
        Assert.Contains("input 0 must be bool, is f32", Refusal(new And(), F32(2), F32(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void ComparisonsWithNaNAreFalse()
    {
        Tensor nan = Floats(float.NaN), one = Floats(1);
        foreach (Operator op in (Operator[])[new Equal(), new Less(), new LessOrEqual(), new Greater(), new GreaterOrEqual()])
            Assert.Equal([false], Run(op, nan, one).Span<bool>().ToArray());
        Assert.Equal([true], Run(new Equal(), Floats(-0f), Floats(0)).Span<bool>().ToArray());
        Assert.Equal([true, false], Run(new Equal(), Tensor.FromStrings([2], "a", "b"), Tensor.FromStrings([1], "a")).Span<bool>().ToArray());
    }

    // Expand(x, Where(Equal(target, −1), ones, target)) is how exporters keep a dimension.
    [Fact]
    public void ShapesComputedElementByElementAreKnown()
    {
        var builder = new NetworkBuilder("test");
        var shape = builder.Add(new ShapeOf(), builder.Input("x", F32("N", 6)));
        var minusOne = builder.Constant(Tensor.Vector(-1L));
        var isMinusOne = builder.Add(new Equal(), shape, minusOne);
        var chosen = builder.Add(new Where(), isMinusOne, builder.Constant(Tensor.Vector(1L)), shape);
        Assert.Equal(["N", "6"], builder.ContentsOf(chosen)!.Value.Select(d => d.ToString()));

        var two = builder.Constant(Tensor.Scalar(2L));
        var half = builder.Add(new Div(), builder.Add(new Mul(), shape, two), builder.Constant(Tensor.Scalar(4L)));
        Assert.Equal(["floordiv(N, 2)", "3"], builder.ContentsOf(half)!.Value.Select(d => d.ToString()));
        Assert.Null(builder.ContentsOf(builder.Add(new Div(), builder.Add(new Sub(), shape, two), two)));
        var cast = builder.Add(new Cast { To = ElementType.Int32 }, shape);
        Assert.Equal(["N", "6"], builder.ContentsOf(cast)!.Value.Select(d => d.ToString()));
    }

    [Fact]
    public void BitsAreReadAsAnotherType()
    {
        Assert.Equal([0x3F80_0000u], Run(new BitCast { To = ElementType.UInt32 }, Floats(1)).Span<uint>().ToArray());
        Assert.Contains("f32 has 32 bits, u8 has 8", Refusal(new BitCast { To = ElementType.UInt8 }, F32(1)), StringComparison.Ordinal);
        Assert.Contains("attribute to is missing", Refusal(new BitCast(), F32(1)), StringComparison.Ordinal);
    }
}
