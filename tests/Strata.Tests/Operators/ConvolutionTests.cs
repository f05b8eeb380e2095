using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Convolutions and pooling where no recorded case looks: symbols, unknown ranks, refusals, rounding, odd geometry.</summary>
public class ConvolutionTests
{
    private readonly ShapeProbe probe = new();

    [Fact]
    public void ShapesStaySymbolic()
    {
        var w = probe.F32("8, 3, 3, 3");
        var pads = new WindowAttributes { Pads = [1, 1, 1, 1], Strides = [2, 2] };
        Assert.Equal("f32[N, 8, floordiv(H + 1, 2), 112]", probe.Type(new Conv { Window = pads }, probe.F32("N, 3, H, 224"), w));
        Assert.Equal("f32[N, 8, H, W]", probe.Type(new Conv { Window = new() { AutoPad = AutoPad.SameUpper } }, probe.F32("N, 3, H, W"), w));
        Assert.Equal("f32[N, 6, 2*H, 2*W]", probe.Type(new ConvTranspose { Window = new() { Strides = [2, 2] }, Group = 2 }, probe.F32("N, 4, H, W"), probe.F32("4, 3, 2, 2")));
        Assert.Equal("f32[N, 4, floordiv(H, 2), floordiv(W, 2)]", probe.Type(new AveragePool { Window = new() { KernelShape = [2, 2], Strides = [2, 2] } }, probe.F32("N, 4, H, W")));
        Assert.Equal("f32[N, C, 1, 1]", probe.Type(new GlobalAveragePool(), probe.F32("N, C, H, W")));
    }

    [Fact]
    public void UnknownRanksAreTakenFromWhatIsKnown()
    {
        Assert.Equal("f32[*]", probe.Type(new Conv(), probe.F32(null), probe.F32(null)));
        Assert.Equal("f32[?0, 8, ?1, ?2]", probe.Type(new Conv(), probe.F32(null), probe.F32("8, 3, 3, 3")));
        Assert.Equal("f32[?3, ?4, ?5]", probe.Type(new MaxPool { Window = new() { KernelShape = [3] } }, probe.F32(null)));
        Assert.Equal("f32[*]", probe.Type(new GlobalMaxPool(), probe.F32(null)));
        Assert.Equal("f32[*]", probe.Type(new Softmax(), probe.F32(null)));
    }

    [Fact]
    public void RefusalsSayWhatIsAllowed()
    {
        var x = probe.F32("1, 4, 8, 8");
        Assert.Contains("group is 3, channels 4", probe.Refusal(new Conv { Group = 3 }, probe.F32("1, 6, 8, 8"), probe.F32("4, 2, 1, 1")));
        Assert.Contains("strides needs 2 values, has 1", probe.Refusal(new Conv { Window = new() { Strides = [1] } }, x, probe.F32("4, 4, 1, 1")));
        Assert.Contains("kernel_shape is missing", probe.Refusal(new MaxPool(), x));
        Assert.Contains("storage_order is 2; allowed are 0 (row-major) and 1 (column-major)", probe.Refusal(new MaxPool { StorageOrder = 2, Window = new() { KernelShape = [1, 1] } }, x));
        Assert.Contains("output_padding contains -1", probe.Refusal(new ConvTranspose { OutputPadding = [-1, 0] }, x, probe.F32("4, 4, 1, 1")));
        Assert.Contains("input 0 must be floating point", probe.Refusal(new AveragePool { Window = new() { KernelShape = [1, 1] } }, probe.Of(ElementType.Int32, "1, 4, 8, 8")));
    }

    [Fact]
    public void AttributesAreCheckedWhereOnlyTheRunKnowsTheRank()
    {
        var error = Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Conv { Window = new() { Strides = [0, 1] } }, Tensor.Zeros(ElementType.Float32, 1, 1, 2, 2), Tensor.Zeros(ElementType.Float32, 1, 1, 1, 1)));
        Assert.Contains("strides contains 0", error.Message);
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new ConvTranspose { OutputShape = [3] }, Tensor.Zeros(ElementType.Float32, 1, 1, 2, 2), Tensor.Zeros(ElementType.Float32, 1, 1, 1, 1)));
    }

    [Theory]
    [InlineData(AutoPad.SameUpper, new long[] { }, new[] { 1f, 3, 5, 3 })]
    [InlineData(AutoPad.SameLower, new long[] { }, new[] { 3f, 5, 3, 0 })]
    [InlineData(AutoPad.NotSet, new long[] { 4 }, new[] { 3f, 5, 3, 0 })]
    [InlineData(AutoPad.SameUpper, new long[] { 3 }, new[] { 3f, 5, 3 })]
    [InlineData(AutoPad.Valid, new long[] { }, new[] { 1f, 3, 5, 3, 0 })]
    public void ConvTransposePadsFollowFromTheOutput(AutoPad pad, long[] shape, float[] expected)
    {
        var op = new ConvTranspose { Window = new() { AutoPad = pad }, OutputShape = [.. shape] };
        Assert.Equal(expected, ShapeProbe.Run(op, Row(1, 2, 3, 0), Row(1, 1)).Span<float>().ToArray());
    }

    [Fact]
    public void ConvTransposeTakesGroupsOutputPaddingAndFullShapes()
    {
        var x = Tensor.From<float>([1, 2, 2], [1, 2, 3, 4]);
        var w = Tensor.From<float>([2, 1, 2], [1, 10, 100, 1000]);
        var result = ShapeProbe.Run(new ConvTranspose { Group = 2, Window = new() { Strides = [3] }, OutputPadding = [1] }, x, w, Tensor.Vector(0.5f, 0f));
        Assert.Equal([1, 2, 6], result.Dims.ToArray());
        Assert.Equal([1.5f, 10.5f, 0.5f, 2.5f, 20.5f, 0.5f, 300, 3000, 0, 400, 4000, 0], result.Span<float>().ToArray());
        Assert.Equal([1, 1, 6], ShapeProbe.Run(new ConvTranspose { OutputShape = [1, 1, 6] }, Row(1, 2), Row(1, 1)).Dims.ToArray());
    }

    [Fact]
    public void ConvolutionIsTheSumItIsDefinedBy()
    {
        var random = new Random(1);
        Tensor x = Random([2, 4, 5, 6]), w = Random([6, 2, 3, 2]);
        var result = ShapeProbe.Run(new Conv { Group = 2, Window = new() { Pads = [1, 0, 2, 1], Strides = [2, 1], Dilations = [1, 2] } }, x, w).Span<float>();
        int at = 0;
        for (int n = 0; n < 2; n++)
            for (int m = 0; m < 6; m++)
                for (int oy = 0; oy < 3; oy++)
                    for (int ox = 0; ox < 5; ox++)
                    {
                        double sum = 0;
                        for (int c = 0; c < 2; c++)
                            for (int ky = 0; ky < 3; ky++)
                                for (int kx = 0; kx < 2; kx++)
                                {
                                    int y = oy * 2 + ky - 1, column = ox + kx * 2;
                                    if (y is >= 0 and < 5 && column < 6) sum += (double)x.Span<float>()[((n * 4 + m / 3 * 2 + c) * 5 + y) * 6 + column] * w.Span<float>()[((m * 2 + c) * 3 + ky) * 2 + kx];
                                }
                        Assert.Equal(sum, result[at++], 1e-6);
                    }
        Assert.Equal(at, result.Length);

        Tensor Random(int[] dims)
        {
            var values = new float[dims.Aggregate(1, static (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++) values[i] = random.NextSingle() - 0.5f;
            return Tensor.From<float>(dims, values);
        }
    }

    [Fact]
    public void MaxPoolTellsPositionsInBothOrdersAndKeepsNaN()
    {
        var x = Tensor.From<float>([1, 1, 2, 3], [1, 2, 9, 4, float.NaN, 6]);
        var op = new MaxPool { Window = new() { KernelShape = [1, 2] } };
        var rows = ShapeProbe.Run(op, 2, x).Cast<Tensor>().ToArray();
        Assert.Equal([2f, 9, float.NaN, float.NaN], rows[0].Span<float>().ToArray());
        Assert.Equal([1L, 2, 4, 4], rows[1].ToInt64s());
        Assert.Equal([2L, 4, 3, 3], ((Tensor)ShapeProbe.Run(op with { StorageOrder = 1 }, 2, x)[1]!).ToInt64s());
        Assert.Equal([-128L, 3], ShapeProbe.Run(new MaxPool { Window = new() { KernelShape = [1], Strides = [2] } }, Tensor.FromInt64s(ElementType.Int8, [1, 1, 3], [-128, 0, 3])).ToInt64s());
    }

    [Fact]
    public void AveragePoolCountsWhatItIsAskedTo()
    {
        // Windows of 3 at stride 2 over (0) 1 2 3 4 (0), the last one reaching one beyond the padding.
        var op = new AveragePool { Window = new() { KernelShape = [3], Strides = [2], Pads = [1, 1] }, CeilMode = true };
        Assert.Equal([1.5f, 3, 4], ShapeProbe.Run(op, Row(1, 2, 3, 4)).Span<float>().ToArray());
        Assert.Equal([1f, 3, 2], ShapeProbe.Run(op with { CountIncludePad = true }, Row(1, 2, 3, 4)).Span<float>().ToArray());
    }

    [Fact]
    public void QuantizedResultsRoundHalfToEvenAndSaturate()
    {
        Tensor one = Tensor.Scalar(1f), zero = Tensor.Scalar((byte)0);
        var x = Tensor.From<byte>([1, 1, 5], [1, 3, 5, 255, 0]);
        var w = Tensor.From<byte>([1, 1, 1], [1]);
        Assert.Equal([0L, 2, 2, 128, 0], ShapeProbe.Run(new QLinearConv(), x, one, zero, w, one, zero, Tensor.Scalar(2f), zero).ToInt64s());
        Assert.Equal([11L, 13, 15, 255, 10], ShapeProbe.Run(new QLinearConv(), x, one, zero, w, one, zero, one, Tensor.Scalar((byte)10)).ToInt64s());
        // Means 2 and 130 of pairs, by a step of 4: ½ and 32½ round to even.
        var pool = new QLinearAveragePool { Window = new() { KernelShape = [2], Strides = [2] } };
        Assert.Equal([0L, 32], ShapeProbe.Run(pool, x, one, zero, Tensor.Scalar(4f), zero).ToInt64s());
        Assert.Equal([1L, 3], ShapeProbe.Run(new QLinearGlobalAveragePool { ChannelsLast = true }, Tensor.From<byte>([1, 2, 2], [0, 2, 2, 4]), one, zero, one, zero).ToInt64s());
    }

    private static Tensor Row(params float[] values) => Tensor.From<float>([1, 1, values.Length], values);
}
