using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Data movement where no recorded case looks: packed and string elements, negative pads, reductions of scatters, refusals.</summary>
public class MovementTests
{
    private static readonly Tensor Five = Tensor.Vector(1f, 2f, 3f, 4f, 5f);

    [Theory]
    [InlineData(PadMode.Constant, 2, -1, new[] { 0f, 0, 1, 2, 3, 4 })]
    [InlineData(PadMode.Edge, 2, -1, new[] { 1f, 1, 1, 2, 3, 4 })]
    [InlineData(PadMode.Reflect, 2, -1, new[] { 3f, 2, 1, 2, 3, 4 })]
    [InlineData(PadMode.Wrap, 2, -1, new[] { 3f, 4, 1, 2, 3, 4 })]
    [InlineData(PadMode.Reflect, 0, 6, new[] { 1f, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3 })]
    [InlineData(PadMode.Wrap, 6, 0, new[] { 5f, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5 })]
    [InlineData(PadMode.Constant, -2, -3, new float[0])]
    public void Pads(PadMode mode, long begin, long end, float[] expected) =>
        Assert.Equal(expected, ShapeProbe.Run(new Pad { Mode = mode }, Five, Tensor.Vector(begin, end)).Span<float>().ToArray());

    [Fact]
    public void EveryElementTypeMoves()
    {
        var nibbles = Tensor.FromInt64s(ElementType.Int4, [3], [-8, 3, 7]);
        Assert.Equal([7L, 7, -8], ShapeProbe.Run(new Gather(), nibbles, Tensor.Vector(2L, -1L, 0L)).ToInt64s());
        Assert.Equal([-8L, 5, 7], ShapeProbe.Run(new ScatterElements(), nibbles, Tensor.Vector(1L), Tensor.FromInt64s(ElementType.Int4, [1], [5])).ToInt64s());
        var words = Tensor.FromStrings([2, 2], "a", "b", "c", "d");
        Assert.Equal(["a", "c", "b", "d"], ShapeProbe.Run(new Transpose(), words).Strings.ToArray());
        Assert.Equal(["", "a", "b", "", "c", "d"], ShapeProbe.Run(new Pad(), words, Tensor.Vector(0L, 1L, 0L, 0L)).Strings.ToArray());
    }

    [Fact]
    public void ScattersReduceInOrder()
    {
        Tensor data = Tensor.Vector(1, 2, 3), twice = Tensor.Vector(1L, 1L), updates = Tensor.Vector(5, -7);
        Assert.Equal([1, -7, 3], Run(ScatterReduction.None));
        Assert.Equal([1, 0, 3], Run(ScatterReduction.Add));
        Assert.Equal([1, -70, 3], Run(ScatterReduction.Mul));
        Assert.Equal([1, 5, 3], Run(ScatterReduction.Max));
        Assert.Equal([1, -7, 3], Run(ScatterReduction.Min));

        int[] Run(ScatterReduction reduction) => ShapeProbe.Run(new ScatterElements { Reduction = reduction }, data, twice, updates).Span<int>().ToArray();
    }

    [Fact]
    public void UniqueOrdersStringsAndNumbersThatAreNone()
    {
        var strings = ShapeProbe.Run(new Unique(), 4, Tensor.FromStrings([4], "b", "a", "b", "B")).Cast<Tensor>().ToArray();
        Assert.Equal(["B", "a", "b"], strings[0].Strings.ToArray());
        Assert.Equal([3L, 1, 0], strings[1].ToInt64s());
        Assert.Equal([2L, 1, 2, 0], strings[2].ToInt64s());
        Assert.Equal([1L, 1, 2], strings[3].ToInt64s());
        Assert.Equal([-1f, float.NaN], ShapeProbe.Run(new Unique(), Tensor.Vector(float.NaN, -1f, float.NaN)).Span<float>().ToArray());
    }

    [Fact]
    public void EmptyTensorsStayEmpty()
    {
        var empty = Tensor.Zeros(ElementType.Float32, 0, 3);
        Assert.Equal("f32[3, 0]", ShapeProbe.Run(new Transpose(), empty).ToString());
        Assert.Equal("f32[0, 1, 3]", ShapeProbe.Run(new Reshape(), empty, Tensor.Vector(0L, 1L, -1L)).ToString());
        Assert.Equal("f32[0, 6]", ShapeProbe.Run(new Tile(), empty, Tensor.Vector(4L, 2L)).ToString());
        Assert.Equal("i64[2, 0]", ShapeProbe.Run(new NonZero(), empty).ToString());
        Assert.Equal("f32[0, 4, 3]", ShapeProbe.Run(new Gather(), empty, Tensor.Zeros(ElementType.Int64, 0, 4)).ToString());
        Assert.Equal(0, ShapeProbe.Run(new NumberRange(), Tensor.Scalar(5), Tensor.Scalar(1), Tensor.Scalar(1)).Count);
    }

    [Fact]
    public void DataThatDoesNotFitIsRefused()
    {
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Gather(), Five, Tensor.Vector(5L)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Reshape(), Five, Tensor.Vector(2L, -1L)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Expand(), Five, Tensor.Vector(2L)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Tile(), Five, Tensor.Vector(-1L)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new NumberRange(), Tensor.Scalar(0L), Tensor.Scalar(1L), Tensor.Scalar(0L)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new NumberRange(), Tensor.Scalar(0f), Tensor.Scalar(float.PositiveInfinity), Tensor.Scalar(1f)));
        Assert.Throws<ResourceLimitException>(() => ShapeProbe.Run(new NumberRange(), Tensor.Scalar(0L), Tensor.Scalar((long)int.MaxValue), Tensor.Scalar(1L)));
        Assert.Throws<ResourceLimitException>(() => ShapeProbe.Run(new Tile(), Five, Tensor.Vector((long)int.MaxValue)));
        Assert.Throws<ResourceLimitException>(() => ShapeProbe.Run(new ConstantOfShape(), Tensor.Vector(1L << 20, 1L << 20)));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new TensorScatter { Axis = 1 }, Tensor.Zeros(ElementType.Float32, 1, 4), Tensor.Zeros(ElementType.Float32, 1, 2), Tensor.Vector(3L)));
    }

    [Fact]
    public void DropoutRepeatsBySeed()
    {
        var x = Tensor.Vector<float>([.. Enumerable.Repeat(1f, 1000)]);
        Tensor ratio = Tensor.Scalar(0.25f), training = Tensor.Scalar(true);
        var first = ShapeProbe.Run(new Dropout { Seed = 3 }, 2, x, ratio, training).Cast<Tensor>().ToArray();
        Assert.True(first[0].BitEquals(ShapeProbe.Run(new Dropout { Seed = 3 }, x, ratio, training)));
        Assert.False(first[0].BitEquals(ShapeProbe.Run(new Dropout { Seed = 4 }, x, ratio, training)));
        Assert.Equal(first[1].ToInt64s().Select(kept => kept != 0 ? 1f / 0.75f : 0f), first[0].Span<float>().ToArray());
        Assert.InRange(first[1].ToInt64s().Sum(), 700, 800);
    }
}
