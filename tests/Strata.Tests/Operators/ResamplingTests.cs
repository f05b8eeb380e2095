using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Resampling, regions, transforms and normalisation where no recorded case looks.</summary>
public class ResamplingTests
{
    private readonly ShapeProbe probe = new();

    [Fact]
    public void ResizeKeepsSymbols()
    {
        var x = probe.F32("N, 3, H, W");
        Assert.Equal("f32[N, 3, 2*H, floordiv(W, 2)]", probe.Type(new Resize(), x, null, probe.Builder.Constant(Tensor.Vector(1f, 1f, 2f, 0.5f))));
        Assert.Equal("f32[N, 3, 10, 20]", probe.Type(new Resize { Axes = [2, -1] }, x, null, null, probe.Ints(10, 20)));
        var shape = probe.Builder.Add(new ShapeOf { Start = 2 }, probe.F32("1, 1, A, B"));
        Assert.Equal("f32[N, 3, A, B]", probe.Type(new Resize { Axes = [2, 3] }, x, null, null, shape));
        Assert.Equal("f32[N, 3, ?0, ?1]", probe.Type(new Resize { Axes = [2, 3], KeepAspectRatio = AspectRatioPolicy.NotLarger }, x, null, null, shape));
        Assert.Equal("f32[*]", probe.Type(new Resize(), probe.F32(null), null, probe.F32("4")));
    }

    [Fact]
    public void ResizeRefusals()
    {
        var x = probe.F32("1, 1, 4, 4");
        Assert.Contains("scales (input 2) or sizes (input 3) must be given", probe.Refusal(new Resize(), x));
        Assert.Contains("antialias needs mode linear or cubic", probe.Refusal(new Resize { Antialias = true }, x, null, probe.F32("4")));
        Assert.Contains("3 scales or sizes are given for 4 axes", probe.Refusal(new Resize(), x, null, null, probe.Ints(1, 1, 4)));
        Assert.Contains("scales must be positive", probe.Refusal(new Resize { Axes = [3] }, x, null, probe.Builder.Constant(Tensor.Vector(-1f))));
    }

    [Fact]
    public void AThirdScalesBackToWholeElements()
    {
        // 1/3 in binary32 is a little above a third; output 1 still reads input 3.
        var x = Tensor.From<float>([9], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        var op = new Resize { Transformation = CoordinateTransformation.Asymmetric, NearestMode = NearestMode.Floor };
        Assert.Equal([0f, 3, 6], ShapeProbe.Run(op, x, null, Tensor.Vector(1f / 3)).Span<float>().ToArray());
    }

    [Fact]
    public void LinearResizeOfIntegersRounds()
    {
        var x = Tensor.From<byte>([3], [0, 1, 3]);
        var op = new Resize { Mode = Interpolation.Linear, Transformation = CoordinateTransformation.AlignCorners };
        Assert.Equal([0L, 0, 1, 2, 3], ShapeProbe.Run(op, x, null, null, Tensor.Vector(5L)).ToInt64s()); // 0, ½, 1, 2, 3
    }

    [Fact]
    public void ALocationBeyondTheBorderReadsTheBorder()
    {
        var x = Tensor.From<float>([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
        var grid = Tensor.From<float>([1, 1, 3, 2], [-2, -2, 2, 2, -9, 9]);
        foreach (var mode in Enum.GetValues<Interpolation>())
            Assert.Equal([1f, 6, 4], ShapeProbe.Run(new GridSample { Mode = mode, Padding = GridPadding.Border }, x, grid).Span<float>().ToArray());
    }

    [Fact]
    public void ExtrapolationFillsWhatLiesOutside()
    {
        var x = Tensor.From<float>([2], [5, 7]);
        foreach (var mode in new[] { Interpolation.Nearest, Interpolation.Linear })
        {
            var op = new Resize { Mode = mode, Transformation = CoordinateTransformation.TfCropAndResize, ExtrapolationValue = -1 };
            Assert.Equal([-1f, 5, 7, -1], ShapeProbe.Run(op, x, Tensor.Vector(-1f, 2f), null, Tensor.Vector(4L)).Span<float>().ToArray());
        }
    }

    [Fact]
    public void RegionsArePooledAndCropped()
    {
        var x = Tensor.From<float>([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        var whole = Tensor.From<float>([1, 5], [0, 0, 0, 2, 2]);
        Assert.Equal([5f, 6, 8, 9], ShapeProbe.Run(new MaxRoiPool { PooledShape = [2, 2] }, x, whole).Span<float>().ToArray());
        var crop = ShapeProbe.Run(new CropAndResize { ExtrapolationValue = -1 }, x, Tensor.From<float>([1, 4], [0, 0, 1.5f, 1]), Tensor.Vector(0), Tensor.Vector(2, 3));
        Assert.Equal([1f, 2, 3, -1, -1, -1], crop.Span<float>().ToArray());
        var center = ShapeProbe.Run(new CropAndResize(), x, Tensor.From<float>([1, 4], [0, 0, 1, 1]), Tensor.Vector(0), Tensor.Vector(1, 1));
        Assert.Equal([5f], center.Span<float>().ToArray());
        Assert.Equal("f32[R, C, 7, 7]", probe.Type(new RoiAlign { OutputHeight = 7, OutputWidth = 7 }, probe.F32("N, C, H, W"), probe.F32("R, 4"), probe.I64("R")));
    }

    [Fact]
    public void TransformsInvertEachOther()
    {
        foreach (int length in new[] { 1, 5, 8, 12 })
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i * i % 7 - 2.5f)];
            var x = Tensor.From<float>([1, length, 1], values);
            var spectrum = ShapeProbe.Run(new Dft(), x);
            Assert.Equal(values.Sum(), spectrum.Span<float>()[0], 1e-5f);
            Assert.Equal(values, Every(ShapeProbe.Run(new Dft { Inverse = true }, spectrum), 2).Select(v => MathF.Round(v, 4)));
            var half = ShapeProbe.Run(new Dft { Onesided = true }, x);
            Assert.Equal([1, length / 2 + 1, 2], half.Dims.ToArray());
            Assert.Equal(values, Every(ShapeProbe.Run(new Dft { Inverse = true, Onesided = true }, half, Tensor.Scalar((long)length)), 1).Select(v => MathF.Round(v, 4)));
        }

        static float[] Every(Tensor tensor, int step) => [.. tensor.Span<float>().ToArray().Where((_, i) => i % step == 0)];
    }

    [Fact]
    public void SpectralShapes()
    {
        Assert.Equal("f32[N, floordiv(L, 4) - 3, 9, 2]", probe.Type(new Stft(), probe.F32("N, L, 1"), probe.Builder.Constant(Tensor.Scalar(4L)), probe.F32("16")));
        Assert.Equal("f32[N, floordiv(L, 2) + 1, 2]", probe.Type(new Dft { Onesided = true }, probe.F32("N, L, 1")));
        Assert.Equal("f32[N, 2*L - 2, 1]", probe.Type(new Dft { Onesided = true, Inverse = true }, probe.F32("N, L, 2")));
        Assert.Contains("set onesided to 0", probe.Refusal(new Dft { Onesided = true }, probe.F32("N, L, 2")));
        Assert.Equal("f64[10]", probe.Type(new HannWindow { OutputDatatype = ElementType.Float64 }, probe.Builder.Constant(Tensor.Scalar(10L))));
    }

    [Fact]
    public void NormalizationChecksItsOperands()
    {
        Assert.Equal(["f32[N, S, 8]", "f32[N, S, 1]", "f32[N, S, 1]"], probe.Types(new LayerNormalization(), 3, probe.F32("N, S, 8"), probe.F32("8"), probe.F32("8")));
        Assert.Contains("does not broadcast", probe.Refusal(new LayerNormalization(), probe.F32("N, S, 1"), probe.F32("8")));
        Assert.Contains("one element per channel", probe.Refusal(new InstanceNormalization(), probe.F32("N, 3, H"), probe.F32("4"), probe.F32("3")));
        Assert.Contains("num_groups must divide the channels; num_groups is 2, channels 3", probe.Refusal(new GroupNormalization { NumGroups = 2 }, probe.F32("N, 3, H"), probe.F32("3"), probe.F32("3")));
        Assert.Contains("p is 3; allowed are 1 and 2", probe.Refusal(new LpNormalization { P = 3 }, probe.F32("4")));
        Assert.Contains("running statistics are outputs in training mode only", Assert.Throws<InvalidNetworkException>(() =>
            probe.Types(new BatchNormalization(), 3, probe.F32("1, 2"), probe.F32("2"), probe.F32("2"), probe.F32("2"), probe.F32("2"))).Message);
    }

    [Fact]
    public void SoftmaxOfInfinitiesAndOfNothing()
    {
        Assert.Equal([0f, 1], ShapeProbe.Run(new Softmax(), Tensor.Vector(float.NegativeInfinity, 3f)).Span<float>().ToArray());
        Assert.All(ShapeProbe.Run(new Softmax(), Tensor.Vector(float.NegativeInfinity, float.NegativeInfinity)).Span<float>().ToArray(), value => Assert.True(float.IsNaN(value)));
        Assert.Equal([3, 0], ShapeProbe.Run(new Softmax(), Tensor.Zeros(ElementType.Float32, 3, 0)).Dims.ToArray());
    }
}
