using Strata.Compiler.Fidelity;
using Strata.Tensors;

namespace Strata.Tests.Fidelity;

public class FidelityMetricsTests
{
    [Fact]
    public void EqualValuesAreExact()
    {
        var metrics = Measure(Tensor.Vector(1f, float.NaN, float.PositiveInfinity), Tensor.Vector(1f, float.NaN, float.PositiveInfinity));
        Assert.True(metrics.IsExact);
        Assert.Equal(double.PositiveInfinity, metrics.SnrDb);
        Assert.Equal(0, metrics.RelativeError);
        Assert.True(metrics.Within(0));
    }

    [Fact]
    public void NumbersAreThoseOfTheDefinition()
    {
        // Error 0.1 on (3, 4): SNR = 10·log10(25 / 0.01).
        var metrics = Measure(Tensor.Vector(3.0, 4.0), Tensor.Vector(3.0, 4.1));
        Assert.Equal(10 * Math.Log10(2500), metrics.SnrDb!.Value, 6);
        Assert.Equal(0.1, metrics.MaxError!.Value, 9);
        Assert.Equal(0.025, metrics.RelativeError!.Value, 9);
        Assert.Equal((9 + 16.4) / (5 * Math.Sqrt(9 + 16.81)), metrics.Cosine!.Value, 9);
        Assert.Equal(1, metrics.Top1Agreement);
        Assert.False(metrics.Within(0.01));
        Assert.True(metrics.Within(0.03));
    }

    [Fact]
    public void TopOneCountsRows()
    {
        var metrics = Measure(Tensor.From<float>([2, 2], [0, 1, 1, 0]), Tensor.From<float>([2, 2], [0, 2, 0, 3]));
        Assert.Equal(0.5, metrics.Top1Agreement);
    }

    [Fact]
    public void ANewNaNIsAnInfiniteError()
    {
        var metrics = Measure(Tensor.Vector(1f, 2f), Tensor.Vector(1f, float.NaN));
        Assert.Equal(double.PositiveInfinity, metrics.MaxError);
        Assert.False(metrics.Within(1e9));
    }

    [Fact]
    public void WhatCannotBeComparedSaysWhy()
    {
        Assert.Contains("f32[2] where f32[3] is expected", Measure(Tensor.Vector(1f, 2f, 3f), Tensor.Vector(1f, 2f)).Mismatch);
        Assert.Contains("\"b\"", Measure(Tensor.FromStrings([1], "b"), Tensor.FromStrings([1], "a")).Mismatch);
        Assert.False(Measure(Tensor.FromStrings([1], "b"), Tensor.FromStrings([1], "a")).Within(1));
        Assert.True(Measure(Tensor.FromStrings([1], "a"), Tensor.FromStrings([1], "a")).IsExact);
    }

    [Fact]
    public void AllZeroReferencesTakeTheErrorAsItIs()
    {
        var metrics = Measure(Tensor.Vector(0f, 0f), Tensor.Vector(0f, 1e-3f));
        Assert.Equal(double.NegativeInfinity, metrics.SnrDb);
        Assert.False(FidelityFloor.WeightLossless.Holds(metrics));
    }

    private static FidelityMetrics Measure(Tensor reference, Tensor actual)
    {
        var accumulator = new FidelityAccumulator("y");
        accumulator.Add(reference, actual);
        return accumulator.Result();
    }
}
