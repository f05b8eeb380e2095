using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Reductions and sorting where no recorded case looks: symbols, extremes of types, empty sets, special numbers.</summary>
public class ReductionTests
{
    private readonly ShapeProbe probe = new();

    [Fact]
    public void ShapesDropOrKeepAxes()
    {
        Assert.Equal("f32[N, 1, 1]", probe.Type(new ReduceMean(), probe.F32("N, H, W"), probe.Ints(-1, 1)));
        Assert.Equal("f32[N, W]", probe.Type(new ReduceMean { KeepDims = false }, probe.F32("N, H, W"), probe.Ints(1)));
        Assert.Equal("f32[]", probe.Type(new ReduceMax { KeepDims = false }, probe.F32(null)));
        Assert.Equal("f32[1, 1]", probe.Type(new ReduceMax(), probe.F32("N, M")));
        Assert.Equal("f32[N, M]", probe.Type(new ReduceMax { NoopWithEmptyAxes = true }, probe.F32("N, M"), probe.Ints()));
        Assert.Equal("f32[?0, ?1]", probe.Type(new ReduceSum(), probe.F32("N, M"), probe.I64("1")));
        Assert.Equal("f32[?2]", probe.Type(new ReduceSum { KeepDims = false }, probe.F32("N, M"), probe.I64("1")));
        Assert.Equal("i64[N, M]", probe.Type(new ArgMax { Axis = 1, KeepDims = false }, probe.F32("N, 4, M")));
        Assert.Equal(["f32[N, 5]", "i64[N, 5]"], probe.Types(new TopK(), 2, probe.F32("N, M"), probe.Ints(5)));
        Assert.Contains("axis 2 lies outside [-2, 1]", probe.Refusal(new ReduceSum(), probe.F32("N, M"), probe.Ints(2)));
        Assert.Contains("must be a real number, is bool", probe.Refusal(new ReduceSum(), probe.Of(ElementType.Bool, "2")));
        Assert.Contains("k is 9; axis 0 of [4] allows 0 to 4", probe.Refusal(new TopK(), probe.F32("4"), probe.Ints(9)));
    }

    [Fact]
    public void UnsignedNumbersCompareUnsigned()
    {
        var x = Tensor.Vector(1UL, ulong.MaxValue, 3UL);
        Assert.Equal([ulong.MaxValue], ShapeProbe.Run(new ReduceMax(), x).Span<ulong>().ToArray());
        Assert.Equal([1UL], ShapeProbe.Run(new ReduceMin(), x).Span<ulong>().ToArray());
        Assert.Equal([1L], ShapeProbe.Run(new ArgMax(), x).ToInt64s());
        Assert.Equal([ulong.MaxValue, 3UL], ((Tensor)ShapeProbe.Run(new TopK(), 2, x, Tensor.Vector(2L))[0]!).Span<ulong>().ToArray());
    }

    [Fact]
    public void NothingHasIdentities()
    {
        Tensor floats = Tensor.Zeros(ElementType.Float32, 0, 2), bytes = Tensor.Zeros(ElementType.Int8, 0), bools = Tensor.Zeros(ElementType.Bool, 0), axes = Tensor.Vector(0L);
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], ShapeProbe.Run(new ReduceMax(), floats, axes).Span<float>().ToArray());
        Assert.Equal([1f, 1f], ShapeProbe.Run(new ReduceProd(), floats, axes).Span<float>().ToArray());
        Assert.Equal([float.NaN, float.NaN], ShapeProbe.Run(new ReduceMean(), floats, axes).Span<float>().ToArray());
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity], ShapeProbe.Run(new ReduceLogSumExp(), floats, axes).Span<float>().ToArray());
        Assert.Equal(0, ShapeProbe.Run(new ReduceSum { KeepDims = false }, floats, Tensor.Vector(1L)).Count);
        Assert.Equal([-128L], ShapeProbe.Run(new ReduceMax(), bytes).ToInt64s());
        Assert.Equal([127L], ShapeProbe.Run(new ReduceMin(), bytes).ToInt64s());
        Assert.Equal([0L], ShapeProbe.Run(new ReduceMax(), bools).ToInt64s());
        Assert.Equal([1L], ShapeProbe.Run(new ReduceMin(), bools).ToInt64s());
    }

    [Fact]
    public void SpecialNumbersSurvive()
    {
        var x = Tensor.Vector(1f, float.NaN, float.PositiveInfinity);
        Assert.Equal([float.NaN], ShapeProbe.Run(new ReduceMax(), x).Span<float>().ToArray());
        Assert.Equal([1L], ShapeProbe.Run(new ArgMax(), x).ToInt64s());
        Assert.Equal([float.PositiveInfinity], ShapeProbe.Run(new ReduceLogSumExp(), Tensor.Vector(1f, float.PositiveInfinity)).Span<float>().ToArray());
        Assert.Equal([1000f + MathF.Log(2)], ShapeProbe.Run(new ReduceLogSumExp(), Tensor.Vector(1000f, 1000f)).Span<float>().ToArray());
        Assert.Equal([float.NegativeInfinity], ShapeProbe.Run(new ReduceLogSumExp(), Tensor.Vector(float.NegativeInfinity)).Span<float>().ToArray());
    }

    [Fact]
    public void SumsRoundOnceAndIntegersWrap()
    {
        // In binary32, 2^24 + 1 + 1 would stay 2^24.
        Assert.Equal([16777218f], ShapeProbe.Run(new ReduceSum(), Tensor.Vector(16777216f, 1f, 1f)).Span<float>().ToArray());
        Assert.Equal([int.MinValue], ShapeProbe.Run(new ReduceSum(), Tensor.Vector(int.MaxValue, 1)).Span<int>().ToArray());
        Assert.Equal([-1], ShapeProbe.Run(new ReduceMean(), Tensor.Vector(-1, -2)).Span<int>().ToArray());
        Assert.Equal([5], ShapeProbe.Run(new ReduceL2(), Tensor.Vector(3, -4)).Span<int>().ToArray());
        Assert.Equal([4f, 9f], ShapeProbe.Run(new ReduceSumSquare { NoopWithEmptyAxes = true }, Tensor.Vector(-2f, 3f)).Span<float>().ToArray());
    }

    [Fact]
    public void EqualElementsKeepTheirOrder()
    {
        var x = Tensor.Vector(2f, 5f, 5f, 1f);
        Assert.Equal([1L], ShapeProbe.Run(new ArgMax(), x).ToInt64s());
        Assert.Equal([2L], ShapeProbe.Run(new ArgMax { SelectLastIndex = true }, x).ToInt64s());
        Assert.Equal([1L, 2L, 0L], ((Tensor)ShapeProbe.Run(new TopK(), 2, x, Tensor.Vector(3L))[1]!).ToInt64s());
        Assert.Equal([3L, 0L, 1L], ((Tensor)ShapeProbe.Run(new TopK { Largest = false }, 2, x, Tensor.Vector(3L))[1]!).ToInt64s());
    }
}
