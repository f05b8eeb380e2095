using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Shape rules of data movement with symbolic dimensions, unknown ranks and refused operands.</summary>
public class MovementShapeTests
{
    private readonly ShapeProbe probe = new();

    [Fact]
    public void AttentionHeadsKeepBatchAndLength()
    {
        // x [B, P + S, 768] → Reshape to [Shape(x)[0], Shape(x)[1], 12, −1] → Transpose → back.
        var x = probe.F32("B, P + S, 768");
        var shape = probe.Builder.Add(new ShapeOf(), x);
        var batch = probe.Builder.Add(new Unsqueeze(), probe.Builder.Add(new Gather(), shape, probe.Builder.Constant(Tensor.Scalar(0L))), probe.Ints(0));
        var length = probe.Builder.Add(new Slice(), shape, probe.Ints(1), probe.Ints(2));
        var heads = probe.Builder.Add(new Reshape(), x, probe.Builder.Add(new Concat(), batch, length, probe.Ints(12, -1)));
        Assert.Equal("f32[B, P + S, 12, 64]", heads.Type.ToString());
        var turned = probe.Builder.Add(new Transpose { Perm = [0, 2, 1, 3] }, heads);
        Assert.Equal("f32[B, 12, P + S, 64]", turned.Type.ToString());
        Assert.Equal("f32[B, P + S, 768]", probe.Type(new Reshape(), probe.Builder.Add(new Transpose { Perm = [0, 2, 1, 3] }, turned), probe.Ints(0, 0, -1)));
        Assert.Empty(probe.Builder.Build().Constraints);
    }

    [Fact]
    public void PadsThatAnExporterComputesAreKnown()
    {
        // PyTorch reverses its list of pads, last axis first, through a matrix.
        var zeros = probe.Builder.Add(new ConstantOfShape { Value = Constant.Of(Tensor.Vector(0L)) }, probe.Ints(4));
        var list = probe.Builder.Add(new Concat(), probe.Ints(1, 2, 3, 4), zeros);
        var pairs = probe.Builder.Add(new Reshape(), list, probe.Ints(-1, 2));
        var reversed = probe.Builder.Add(new Slice(), pairs, probe.Ints(-1), probe.Ints(long.MinValue + 1), probe.Ints(0), probe.Ints(-1));
        var pads = probe.Builder.Add(new Reshape(), probe.Builder.Add(new Transpose { Perm = [1, 0] }, reversed), probe.Ints(-1));
        Assert.Equal([0, 0, 3, 1, 0, 0, 4, 2], probe.Builder.ContentsOf(pads)!.Value.Select(d => d.Constant!.Value));
        Assert.Equal("f32[N, 3, H + 7, W + 3]", probe.Type(new Pad(), probe.F32("N, 3, H, W"), pads));
    }

    [Theory]
    [InlineData("N, C, 4, 4", new long[] { 0, -1 }, "f32[N, 16*C]")]
    [InlineData("N, 16", new long[] { -1, 4 }, "f32[4*N, 4]")]
    [InlineData("N, 3", new long[] { 0, 3, 1 }, "f32[N, 3, 1]")]
    [InlineData("2, 6", new long[] { 3, -1 }, "f32[3, 4]")]
    [InlineData("0, 4", new long[] { 0, -1 }, "f32[0, 4]")]
    [InlineData(null, new long[] { 2, -1 }, "f32[2, ?0]")]
    public void ReshapeInfers(string? input, long[] target, string expected) => Assert.Equal(expected, probe.Type(new Reshape(), probe.F32(input), probe.Ints(target)));

    [Fact]
    public void ReshapeOfWhatIsNotProvedIsChecked()
    {
        Assert.Equal("f32[?0, ?1]", probe.Type(new Reshape(), probe.F32("4"), probe.I64("2")));
        Assert.Equal("f32[*]", probe.Type(new Reshape(), probe.F32("4"), probe.I64("K")));
        Assert.Equal("f32[8, 2]", probe.Type(new Reshape(), probe.F32("N, 4"), probe.Ints(8, 2)));
        var constraint = Assert.Single(probe.Builder.Build().Constraints);
        Assert.Equal(("4*N", "16"), (constraint.Left.ToString(), constraint.Right.ToString()));
    }

    [Fact]
    public void ReshapeRefuses()
    {
        Assert.Contains("both −1", probe.Refusal(new Reshape(), probe.F32("4"), probe.Ints(-1, -1)));
        Assert.Contains("allowed are −1 and up", probe.Refusal(new Reshape(), probe.F32("4"), probe.Ints(-2)));
        Assert.Contains("must keep the number of elements", probe.Refusal(new Reshape(), probe.F32("4"), probe.Ints(5)));
        Assert.Contains("hold 3 of 4 elements", probe.Refusal(new Reshape(), probe.F32("4"), probe.Ints(3, -1)));
        Assert.Contains("cannot hold both −1 and 0", probe.Refusal(new Reshape { AllowZero = true }, probe.F32("0"), probe.Ints(0, -1)));
        Assert.Contains("input 1 must be i64, is i32", probe.Refusal(new Reshape(), probe.F32("4"), probe.Of(ElementType.Int32, "1")));
    }

    [Theory]
    [InlineData("N", 0, 4, 1, "f32[min(4, N)]")]
    [InlineData("N + 5", 0, 4, 1, "f32[4]")]
    [InlineData("N", 1, long.MaxValue, 1, "f32[max(0, N - 1)]")]
    [InlineData("N", 0, -1, 1, "f32[max(0, N - 1)]")]
    [InlineData("N", -3, long.MaxValue, 1, "f32[min(3, N)]")]
    [InlineData("N", 0, long.MaxValue, 2, "f32[floordiv(N + 1, 2)]")]
    [InlineData("N", -1, long.MinValue, -1, "f32[N]")]
    [InlineData("8", 6, 1, -2, "f32[3]")]
    public void SliceOfASymbol(string extent, long start, long end, long step, string expected) =>
        Assert.Equal(expected, probe.Type(new Slice(), probe.F32(extent), probe.Ints(start), probe.Ints(end), null, probe.Ints(step)));

    [Fact]
    public void SliceByASymbol()
    {
        var shape = probe.Builder.Add(new ShapeOf(), probe.F32("P, S"));
        Value past = probe.Builder.Add(new Slice(), shape, probe.Ints(0), probe.Ints(1)), added = probe.Builder.Add(new Slice(), shape, probe.Ints(1), probe.Ints(2));
        var total = probe.Builder.Add(new Add(), past, added);
        // A table of positions, cut to the tokens in use.
        Assert.Equal("f32[S, 32]", probe.Type(new Slice(), probe.F32("1024, 32"), past, total));
        Assert.Equal("f32[S]", probe.Type(new Slice(), probe.F32("P + S"), past, probe.Ints(long.MaxValue)));
        var constraint = Assert.Single(probe.Builder.Build().Constraints, c => c.Left.ToString() == "P + S");
        Assert.Equal(Dim.Parse("min(1024, P + S)"), constraint.Right);
    }

    [Fact]
    public void CutsAddUp()
    {
        Assert.Equal(["f32[N, floordiv(K + 1, 2)]", "f32[N, K - floordiv(K + 1, 2)]"], probe.Types(new Split { Axis = -1, NumOutputs = 2 }, 2, probe.F32("N, K")));
        Assert.Equal(["f32[3]", "f32[3]", "f32[1]"], probe.Types(new Split { NumOutputs = 3 }, 3, probe.F32("7")));
        Assert.Equal(["f32[2]", "f32[5]"], probe.Types(new Split(), 2, probe.F32("7"), probe.Ints(2, 5)));
        Assert.Equal(["f32[*]", "f32[*]"], probe.Types(new Split { NumOutputs = 2 }, 2, probe.F32(null)));
        Assert.Contains("must add up to dimension 0: 7 against 6", Assert.Throws<InvalidNetworkException>(() => probe.Types(new Split(), 2, probe.F32("7"), probe.Ints(2, 4))).Message);
        Assert.Contains("num_outputs is 3, the node has 2 outputs", Assert.Throws<InvalidNetworkException>(() => probe.Types(new Split { NumOutputs = 3 }, 2, probe.F32("7"))).Message);
    }

    [Fact]
    public void RanksChange()
    {
        Assert.Equal("f32[1, N, 1]", probe.Type(new Unsqueeze(), probe.F32("N"), probe.Ints(0, -1)));
        Assert.Equal("f32[N]", probe.Type(new Squeeze(), probe.F32("1, N"), probe.Ints(0)));
        Assert.Equal("f32[*]", probe.Type(new Squeeze(), probe.F32("1, N")));
        Assert.Equal("f32[4]", probe.Type(new Squeeze(), probe.F32("1, 4, 1")));
        Assert.Equal("f32[N*C, 6]", probe.Type(new Flatten { Axis = 2 }, probe.F32("N, C, 2, 3")).Replace("C*N", "N*C"));
        Assert.Equal("f32[?0, ?1]", probe.Type(new Flatten(), probe.F32(null)));
        Assert.Equal("f32[1, 6]", probe.Type(new Flatten { Axis = -2 }, probe.F32("2, 3")));
        Assert.Contains("axis 1 is given twice", probe.Refusal(new Unsqueeze(), probe.F32("4"), probe.Ints(1, 1)));
        Assert.Contains("only when its extent is 1: 3 against 1", probe.Refusal(new Squeeze(), probe.F32("3"), probe.Ints(0)));
        Assert.Contains("axis 3 lies outside [-2, 2]", probe.Refusal(new Flatten { Axis = 3 }, probe.F32("2, 3")));
    }

    [Fact]
    public void IndicesReplaceADimension()
    {
        Assert.Equal("f32[B, S, 64]", probe.Type(new Gather(), probe.F32("1000, 64"), probe.I64("B, S")));
        Assert.Equal("f32[N, 5]", probe.Type(new Gather { Axis = -2 }, probe.F32("N, 7, 5"), probe.Builder.Constant(Tensor.Scalar(6L))));
        Assert.Equal("f32[*]", probe.Type(new Gather(), probe.F32(null), probe.I64("2")));
        Assert.Equal("f32[N, 9, C]", probe.Type(new GatherND { BatchDims = 1 }, probe.F32("N, H, W, C"), probe.I64("N, 9, 2")));
        Assert.Equal("f32[A, B]", probe.Type(new GatherElements { Axis = 1 }, probe.F32("A, 4"), probe.I64("A, B")));
        Assert.Contains("index 7 lies outside [-7, 6]", probe.Refusal(new Gather(), probe.F32("7"), probe.Ints(7)));
        Assert.Contains("index tuples have 3 entries", probe.Refusal(new GatherND(), probe.F32("2, 2"), probe.I64("5, 3")));
        Assert.Contains("updates must be [5, 4]: 3 against 4", probe.Refusal(new ScatterND(), probe.F32("2, 4"), probe.I64("5, 1"), probe.F32("5, 3")));
    }

    [Fact]
    public void SizesBecomeNumbers()
    {
        var shape = probe.Builder.Add(new ShapeOf(), probe.F32("B, S"));
        var length = probe.Builder.Add(new Gather(), shape, probe.Builder.Constant(Tensor.Scalar(1L)));
        Value zero = probe.Builder.Constant(Tensor.Scalar(0L)), one = probe.Builder.Constant(Tensor.Scalar(1L));
        Assert.Equal("i64[S]", probe.Type(new NumberRange(), zero, length, one));
        Assert.Equal("i64[max(0, S - 1)]", probe.Type(new NumberRange(), one, length, one));
        Assert.Equal("f32[B, S]", probe.Type(new Expand(), probe.F32("1"), shape));
        Assert.Equal("f32[B, S]", probe.Type(new ConstantOfShape(), shape));
        Assert.Equal("f32[2*B, S*S]", probe.Type(new Tile(), probe.F32("2, S"), shape));
        Assert.Equal([Dim.Parse("B*S")], probe.Builder.ContentsOf(probe.Builder.Add(new ReduceProd { KeepDims = false }, shape)));
        Assert.Equal([Dim.Parse("B*S")], probe.Builder.ContentsOf(probe.Builder.Add(new Size(), probe.F32("B, S"))));
        Assert.Equal("f32[N, 10]", probe.Type(new OneHot(), probe.I64("N"), probe.Builder.Constant(Tensor.Scalar(10L)), probe.F32("2")));
        Assert.Equal("f32[?0]", probe.Type(new NumberRange(), probe.F32(""), probe.F32(""), probe.F32("")));
        Assert.Equal("f32[5]", probe.Type(new NumberRange(), probe.Builder.Constant(Tensor.Scalar(0f)), probe.Builder.Constant(Tensor.Scalar(1f)), probe.Builder.Constant(Tensor.Scalar(0.2f))));
    }

    [Fact]
    public void BlocksMoveBetweenChannelsAndSpace()
    {
        Assert.Equal("f32[N, 3, 2*H, 2*W]", probe.Type(new DepthToSpace { BlockSize = 2 }, probe.F32("N, 12, H, W")));
        Assert.Equal("f32[N, 12, floordiv(H, 2), 4]", probe.Type(new SpaceToDepth { BlockSize = 2 }, probe.F32("N, 3, H, 8")));
        Assert.Contains("dimension 1 is 10, which 4 does not divide", probe.Refusal(new DepthToSpace { BlockSize = 2 }, probe.F32("N, 10, H, W")));
        Assert.Contains("blocksize is 0; allowed are 1 to 32768", probe.Refusal(new DepthToSpace { BlockSize = 0 }, probe.F32("N, 12, H, W")));
    }

    [Fact]
    public void PartsInterleave()
    {
        var (part, bias) = (probe.F32("N, 3, H, W"), probe.F32("3"));
        Assert.Equal("f32[N, 3, 2*H, 3*W - 1]", probe.Type(new Interleave { Strides = [2, 3], Trim = [0, 1] }, part, null, part, part, part, part, bias));
        Assert.Contains("all parts are omitted", probe.Refusal(new Interleave { Strides = [2] }, null, null, bias));
        Assert.Contains("strides must be positive", probe.Refusal(new Interleave { Strides = [0] }, part));
        Assert.Contains("at most 4096 parts", probe.Refusal(new Interleave { Strides = [65, 64] }, part));
        Assert.Contains("trim needs 1 values", probe.Refusal(new Interleave { Strides = [2], Trim = [1, 1] }, part));
        Assert.Contains("has rank 4, 1 strides need 3", probe.Refusal(new Interleave { Strides = [2] }, part, part));
        Assert.Contains("equal dimension 2", probe.Refusal(new Interleave { Strides = [2] }, probe.F32("1, 3, 4"), probe.F32("1, 3, 5")));
        Assert.Contains("an element for each channel", probe.Refusal(new Interleave { Strides = [2] }, probe.F32("1, 3, 4"), null, probe.F32("2")));
        Assert.Contains("trim 9 leaves nothing", probe.Refusal(new Interleave { Strides = [2], Trim = [9] }, probe.F32("1, 3, 4")));
    }

    [Fact]
    public void SequencesCarryTheUnionOfTheirElements()
    {
        var sequence = probe.Builder.Add(new SequenceConstruct(), probe.F32("N, 3"), probe.F32("N, 4"));
        Assert.Equal("seq(f32[N, ?0])", sequence.Type.ToString());
        // Two elements differ where the union does.
        var position = probe.Builder.Constant(Tensor.Scalar(0L));
        Assert.NotEqual(probe.Type(new SequenceAt(), sequence, position), probe.Type(new SequenceAt(), sequence, position));
        Assert.Equal("seq(f32[2, N])", probe.Type(new SplitToSequence(), probe.F32("6, N"), probe.Builder.Constant(Tensor.Scalar(2L))));
        Assert.Equal("seq(f32[N])", probe.Type(new SplitToSequence { KeepDims = false }, probe.F32("6, N")));
        Assert.Contains("input 0 must be a sequence, is f32[2]", probe.Refusal(new SequenceLength(), probe.F32("2")));
        Assert.Contains("an absent optional needs a type", probe.Refusal(new MakeOptional()));
        Assert.Equal("f32[N]", probe.Type(new OptionalGetElement(), probe.Builder.Add(new MakeOptional(), probe.F32("N"))));
    }

    [Theory]
    [InlineData("1, 0, 5", new long[] { 0 }, "f32[0]")]
    [InlineData("N, 3, 0", new long[] { 3, 0, 2 }, "f32[3, 0, 2]")]
    public void ReshapesOfNothingKeepNoOtherDimension(string from, long[] to, string expected)
    {
        Assert.Equal(expected, probe.Type(new Reshape { AllowZero = true }, probe.F32(from), probe.Ints(to)));
        Assert.Empty(probe.Builder.Build().Constraints);
    }
}
