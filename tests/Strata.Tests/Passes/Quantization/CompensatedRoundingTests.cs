using Strata.Passes;
using Strata.Tensors;

namespace Strata.Tests.Passes.Quantization;

/// <summary>Rounding that makes up for its errors on calibration inputs.</summary>
public class CompensatedRoundingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void TheFactorInvertsTheMoments(int size)
    {
        var random = new Random(size);
        var moments = Moments(random, 1, size, 3 * size);
        float[] upper = InverseFactor.Of(moments.Sums(0, 0), size, long.MaxValue / 2)!;
        double mean = Enumerable.Range(0, size).Average(i => moments.Sums(0, 0)[i * (size + 1)]);

        // U·H·Uᵀ is diagonal: rows of U are orthogonal in the metric of the damped H.
        var h = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++) h[i, j] = moments.Sums(0, 0)[i * size + j] + (i == j ? 0.01 * mean : 0);
        }
        for (int i = 0; i < size; i++)
        {
            Assert.Equal(1, upper[i * (size + 1)]);
            for (int j = 0; j < i; j++)
            {
                Assert.Equal(0, upper[i * size + j]);
                Assert.True(Math.Abs(Form(i, j)) <= 1e-4 * Math.Sqrt(Form(i, i) * Form(j, j)), $"rows {i} and {j}: {Form(i, j)}");
            }
        }

        double Form(int i, int j)
        {
            double sum = 0;
            for (int a = 0; a < size; a++)
            {
                for (int b = 0; b < size; b++) sum += upper[i * size + a] * h[a, b] * upper[j * size + b];
            }
            return sum;
        }
    }

    [Theory]
    [InlineData("int4", "8")]
    [InlineData("int4", "channel")]
    [InlineData("uint3", "16")]
    [InlineData("int8", "tensor")]
    [InlineData("ternary", "5")]
    public void ErrorsOnTheInputsShrink(string format, string groups)
    {
        var random = new Random(3);
        double nearest = 0, compensated = 0;
        for (int round = 0; round < 10; round++)
        {
            const int Rows = 9, Columns = 37;
            var moments = Moments(random, 1, Columns, 200);
            float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)(random.NextDouble() - 0.5))];
            var scheme = new WeightScheme(WeightFormat.Find(format)!, WeightGroups.Parse(groups)!.Value);
            var layout = new WeightLayout([0, 1], [Rows, Columns], scheme.Groups.IsTensor ? null : scheme.Groups.IsChannel ? 0 : 1, Math.Max(0, scheme.Groups.Size));
            var matrix = new WeightMatrix(1, Rows, Columns, Columns, 1);
            nearest += Error(weights, Restore(WeightQuantizer.Quantize(weights, ElementType.Float32, layout, scheme), layout), moments, Rows);
            compensated += Error(weights, Restore(WeightQuantizer.Quantize(weights, ElementType.Float32, layout, scheme, matrix, moments), layout), moments, Rows);
        }
        Assert.True(compensated < 0.7 * nearest, $"{compensated} against {nearest}");
    }

    [Fact]
    public void UncorrelatedInputsLeaveNearestRounding()
    {
        var random = new Random(4);
        var moments = new InputMoments(1, 24) { Count = 1 };
        for (int i = 0; i < 24; i++) moments.Sums(0, 0)[i * 25] = 1;
        float[] weights = [.. Enumerable.Range(0, 96).Select(_ => (float)(random.NextDouble() - 0.5))];
        foreach (var format in WeightFormat.All.Where(f => f.IsInteger))
        {
            var scheme = new WeightScheme(format, new(8));
            var layout = new WeightLayout([0, 1], [4, 24], 1, 8);
            var plain = WeightQuantizer.Quantize(weights, ElementType.Float32, layout, scheme);
            var compensated = WeightQuantizer.Quantize(weights, ElementType.Float32, layout, scheme, new(1, 4, 24, 24, 1), moments);
            Assert.True(plain.Codes.ContentEquals(compensated.Codes), format.Name);
            Assert.True(plain.Scale!.ContentEquals(compensated.Scale!), format.Name);
        }
    }

    [Fact]
    public void GroupsOfRowsAndTransposedCodesAreTheSameRows()
    {
        var random = new Random(5);
        var moments = Moments(random, 2, 12, 80);
        float[] weights = [.. Enumerable.Range(0, 6 * 12).Select(_ => (float)(random.NextDouble() - 0.5))], turned = new float[weights.Length];
        for (int r = 0; r < 6; r++)
        {
            for (int c = 0; c < 12; c++) turned[c * 6 + r] = weights[r * 12 + c];
        }
        var scheme = new WeightScheme(WeightFormat.Find("uint4")!, new(4));
        var rows = WeightQuantizer.Quantize(weights, ElementType.Float32, new([0, 1], [6, 12], 1, 4), scheme, new(2, 6, 12, 12, 1), moments).Codes.Materialize().ToInt64s();
        var columns = WeightQuantizer.Quantize(turned, ElementType.Float32, new([0, 1], [12, 6], 0, 4), scheme, new(2, 6, 12, 1, 6), moments).Codes.Materialize().ToInt64s();
        for (int r = 0; r < 6; r++)
        {
            for (int c = 0; c < 12; c++) Assert.Equal(rows[r * 12 + c], columns[c * 6 + r]);
        }
    }

    [Fact]
    public void InputsThatAreAllZeroChangeNothing()
    {
        float[] weights = [.. Enumerable.Range(0, 64).Select(i => i % 7 - 3f)];
        weights.AsSpan(16, 16).Clear();
        var layout = new WeightLayout([0, 1], [4, 16], 1, 8);
        var quantized = WeightQuantizer.Quantize(weights, ElementType.Float32, layout, new(WeightFormat.Find("uint8")!, new(8)), new(1, 4, 16, 16, 1), new InputMoments(1, 16) { Count = 10 });
        Assert.True(quantized.SnrDb > 40, $"{quantized.SnrDb}");
        Assert.Null(InverseFactor.Of(new float[16], 4, 1));
        Assert.Null(InverseFactor.Of([float.NaN], 1, 1));
    }

    // Correlated vectors: what trained networks see.
    private static InputMoments Moments(Random random, int groups, int columns, int vectors)
    {
        var moments = new InputMoments(groups, columns) { Count = vectors };
        var x = new double[columns];
        for (int group = 0; group < groups; group++)
        {
            for (int v = 0; v < vectors; v++)
            {
                for (int c = 0; c < columns; c++) x[c] = (c == 0 ? 0 : 0.9 * x[c - 1]) + random.NextDouble() - 0.4;
                for (int i = 0; i < columns; i++)
                {
                    for (int j = 0; j < columns; j++) moments.Sums(group, 0)[i * columns + j] += (float)(x[i] * x[j]);
                }
            }
        }
        return moments;
    }

    private static double[] Restore(QuantizedWeight weight, WeightLayout layout)
    {
        double[] numbers = weight.Codes.Materialize().ToDoubles(), scales = weight.Scale!.Materialize().ToDoubles();
        double[]? zeros = weight.ZeroPoint?.Materialize().ToDoubles();
        for (int g = 0; g < scales.Length; g++)
        {
            foreach (int i in layout[g].Indices) numbers[i] = (numbers[i] - (zeros?[g] ?? 0)) * scales[g];
        }
        return numbers;
    }

    // Σ over the inputs of the squared error of every row's product.
    private static double Error(float[] weights, double[] stored, InputMoments moments, int rows)
    {
        double total = 0;
        int columns = moments.Columns;
        for (int r = 0; r < rows; r++)
        {
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++)
                    total += (weights[r * columns + i] - stored[r * columns + i]) * moments.Sums(0, 0)[i * columns + j] * (weights[r * columns + j] - stored[r * columns + j]);
            }
        }
        return total;
    }
}
