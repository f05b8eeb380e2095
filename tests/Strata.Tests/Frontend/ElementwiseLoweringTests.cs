using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Frontend;

public class ElementwiseLoweringTests
{
    private static readonly Tensor Ones = Tensor.From<float>([2, 3, 2], [.. Enumerable.Repeat(1f, 12)]);

    [Theory]
    [InlineData(1, "Add", 6)]
    [InlineData(6, "Sub", 6)]
    [InlineData(1, "Mul", 6)]
    public void TheRightOperandStandsAtTheAxis(int version, string name, int constantFrom)
    {
        (string, object)[] attributes = [("broadcast", 1), ("axis", 1)];
        if (version == 1) attributes = [.. attributes, ("consumed_inputs", new long[] { 0, 0 })];
        float[] b = [10, 20, 30];
        Func<float, float> f = name switch { "Add" => v => 1 + v, "Sub" => v => 1 - v, _ => v => v };
        var expected = Enumerable.Range(0, 12).Select(i => f(b[i / 2 % 3]));
        foreach (int constant in (int[])[1, constantFrom])
            Assert.Equal(expected, new SingleNode(name, version) { Attributes = attributes, FirstConstant = constant }.Run(Ones, Tensor.Vector<float>(b)).Span<float>().ToArray());
    }

    [Fact]
    public void WithoutAnAxisTheLastDimensionsMeet()
    {
        var y = new SingleNode("Pow", 1) { Attributes = [("broadcast", 1)] }.Run(Of(ElementType.Float32, [2, 2], 1, 2, 3, 4), Floats(1, 2));
        Assert.Equal([1f, 4, 3, 16], y.Span<float>().ToArray());
        var error = Assert.ThrowsAny<StrataException>(() => new SingleNode("Add", 6) { Attributes = [("broadcast", 1), ("axis", 2)] }.Run(Ones, Of(ElementType.Float32, [3, 2], 0, 0, 0, 0, 0, 0)));
        Assert.Contains("axis 2 leaves 1 dimensions", error.Message, StringComparison.Ordinal);
        Assert.ThrowsAny<StrataException>(() => new SingleNode("Add", 7) { Attributes = [("broadcast", 1)] }.Run(Ones, Ones));
    }

    [Fact]
    public void AnOldSlopeIsPerChannel()
    {
        var x = Of(ElementType.Float32, [1, 2, 2], -1, -2, -3, -4);
        Assert.Equal([-10f, -20, -60, -80], new SingleNode("PRelu", 6).Run(x, Floats(10, 20)).Span<float>().ToArray());
        Assert.Equal([-10f, -40, -30, -80], new SingleNode("PRelu", 7).Run(x, Floats(10, 20)).Span<float>().ToArray());
    }

    [Fact]
    public void OldBoundsAreAttributes()
    {
        var x = Floats(float.NegativeInfinity, -2, 3, float.PositiveInfinity);
        Assert.Equal([-1f, -1, 2, 2], new SingleNode("Clip", 6) { Attributes = [("min", -1f), ("max", 2f)] }.Run(x).Span<float>().ToArray());
        Assert.Equal([-1f, -1, 3, float.MaxValue], new SingleNode("Clip", 6) { Attributes = [("min", -1f)] }.Run(x).Span<float>().ToArray());
        Assert.Equal([-1f, -1, 3, float.PositiveInfinity], new SingleNode("Clip", 1) { Attributes = [("min", -1f)] }.Run(x).Span<float>().ToArray());
    }

    [Fact]
    public void TypesHadNames()
    {
        Assert.Equal([1L, 2], new SingleNode("Cast", 1) { Attributes = [("to", "INT64")] }.Run(Floats(1.5f, 2)).Span<long>().ToArray());
        Assert.Contains("'INT3', which is no element type", Assert.ThrowsAny<StrataException>(() => new SingleNode("Cast", 1) { Attributes = [("to", "INT3")] }.Run(Floats(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABiasIsAddedBeforeRounding()
    {
        // gelu(1 + d) ≈ 0.8413447 + 1.0833155 d. With d = 9/16 of a step of f16 that is 1724.3 steps of 2^-11; had the sum been
        // rounded, to d = 1 step, 1725.2.
        var y = new SingleNode("BiasGelu", 1, "com.microsoft").Run(Of(ElementType.Float16, 1), Of(ElementType.Float16, 9 * Math.ScaleB(1, -14)));
        Assert.Equal([1724 * Math.ScaleB(1, -11)], y.ToDoubles());
    }

    [Fact]
    public void CastLikeTakesTheOtherType()
    {
        var network = new SingleNode("CastLike", 19) { Attributes = [("saturate", 0)] }.Import(Floats(1e6f), Of(ElementType.Float8E5M2, 0));
        Assert.Equal(new Cast { To = ElementType.Float8E5M2, Saturate = false }, Assert.Single(network.Layers).Operator);
    }

    [Theory]
    [InlineData(20, new long[] { 7, -7 })]
    [InlineData(21, new long[] { -8, 7 })]
    [InlineData(24, new long[] { 7, -7 })]
    public void FloatsBeyondFourBitsFollowTheRecordedCasesOfTheirVersion(int version, long[] expected) =>
        Assert.Equal(expected, new SingleNode("Cast", version) { Attributes = [("to", (int)ElementType.Int4)] }.Run(Floats(-9, 9)).ToInt64s());

    [Fact]
    public void DefaultsOfOldVersionsAreTheirOwn()
    {
        var old = (Selu)Assert.Single(new SingleNode("Selu", 1).Import(Floats(1)).Layers).Operator;
        Assert.Equal((1.6732f, 1.0507f), (old.Alpha, old.Gamma));
        Assert.Equal(new Selu(), Assert.Single(new SingleNode("Selu", 6).Import(Floats(1)).Layers).Operator);
    }
}
