using System.Collections.Immutable;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Tests.Passes.Quantization;

/// <summary>Scales, groups and codes: the bounds that hold for all weights.</summary>
public class WeightQuantizerTests
{
    [Theory]
    [InlineData(3, ElementType.Float32)]
    [InlineData(7, ElementType.Float32)]
    [InlineData(3, ElementType.Float16)]
    [InlineData(7, ElementType.BFloat16)]
    public void ScalesRiseByOneStepAndTheTypeHoldsThem(int bits, ElementType type)
    {
        var grid = new ScaleGrid(bits, type);
        float last = 0;
        for (int q = -12 << bits; q < 12 << bits; q++)
        {
            float scale = grid[q];
            Assert.True(scale > last, $"{scale} after {last}");
            Assert.Equal(scale, Tensor.FromDoubles(type, [], [scale]).ToDoubles()[0]);
            Assert.Equal(q, grid.IndexOfAtLeast(scale));
            if (q > -12 << bits) Assert.Equal(q, grid.IndexOfAtLeast(MathF.BitIncrement(last)));
            last = scale;
        }
        Assert.Equal(grid[int.MinValue], grid[-2000 << bits]);
        Assert.True(float.IsFinite(grid[int.MaxValue]));
    }

    [Fact]
    public void GroupsPartitionTheWeight()
    {
        var random = new Random(1);
        for (int round = 0; round < 500; round++)
        {
            int[] dims = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(0, 6))];
            int axis = random.Next(dims.Length);
            var layout = new WeightLayout([.. Enumerable.Range(0, dims.Length)], [.. dims], random.Next(4) == 0 ? null : axis, random.Next(0, 4));
            int[] counts = new int[dims.Aggregate(1, (p, d) => p * d)];
            int scales = layout.ScaleDims.Aggregate(1, (p, d) => p * d);
            Assert.Equal(scales, layout.GroupCount);
            for (int g = 0; g < layout.GroupCount; g++)
            {
                foreach (int i in layout[g].Indices) counts[i]++;
            }
            Assert.All(counts, c => Assert.Equal(1, c));
        }
    }

    public static TheoryData<string> IntegerFormats => [.. WeightFormat.All.Where(f => f.IsInteger).Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(IntegerFormats))]
    public void ErrorsStayWithinTheirBounds(string name)
    {
        var format = WeightFormat.Find(name)!;
        var grid = new ScaleGrid(3, ElementType.Float32);
        var random = new Random(2);
        GroupQuantizer covering = new(format, grid, ScaleSearch.AbsMax), searching = new(format, grid, ScaleSearch.SquaredError);
        for (int round = 0; round < 300; round++)
        {
            float[] weights = [.. Enumerable.Range(0, random.Next(1, 80)).Select(_ => Draw(random))];
            if (covering.Choose(weights, []) is not { } parameters)
            {
                Assert.All(weights, w => Assert.Equal(0, w));
                continue;
            }
            // Zero-points are rounded, which may move an interval's end past the last code by half a step.
            float step = grid[parameters.ScaleIndex] * (format.HasZeroPoint ? 1.01f : 0.5001f);
            float[] covered = Restore(covering, format, grid, weights, parameters), searched = Restore(searching, format, grid, weights, searching.Choose(weights, [])!.Value);
            Assert.All(weights.Zip(covered), p => Assert.True(MathF.Abs(p.First - p.Second) <= step, $"{p.First} became {p.Second}, the step is {grid[parameters.ScaleIndex]}"));
            Assert.True(SquaredError(weights, searched) <= SquaredError(weights, covered) * 1.0001, $"{SquaredError(weights, searched)} against {SquaredError(weights, covered)}");
        }
    }

    [Fact]
    public void SearchFindsTheBestScaleOfAll()
    {
        var format = WeightFormat.Find("int4")!;
        var grid = new ScaleGrid(3, ElementType.Float32);
        var quantizer = new GroupQuantizer(format, grid, ScaleSearch.SquaredError);
        var random = new Random(3);
        double excess = 0;
        for (int round = 0; round < 100; round++)
        {
            float[] weights = [.. Enumerable.Range(0, 32).Select(_ => Draw(random))];
            double found = SquaredError(weights, Restore(quantizer, format, grid, weights, quantizer.Choose(weights, [])!.Value));
            double best = Enumerable.Range(-200, 400).Min(q => SquaredError(weights, Restore(quantizer, format, grid, weights, new(q, 0))));
            Assert.True(found <= best * 1.05, $"{found} against {best}");
            excess += found / best - 1;
        }
        Assert.True(excess / 100 < 0.002, $"{excess / 100}");
    }

    [Theory]
    [InlineData(1e-44f)]
    [InlineData(1e-38f)]
    [InlineData(3e38f)]
    public void ExtremeWeightsHaveScales(float size)
    {
        foreach (var format in WeightFormat.All.Where(f => f.IsInteger))
        {
            float[] weights = [size, -size, size / 2, 0];
            var grid = new ScaleGrid(3, ElementType.Float32);
            foreach (var search in new[] { ScaleSearch.AbsMax, ScaleSearch.SquaredError })
            {
                var quantizer = new GroupQuantizer(format, grid, search);
                var parameters = quantizer.Choose(weights, [])!.Value;
                Assert.InRange(grid[parameters.ScaleIndex], 1.17549435e-38f, float.MaxValue);
                Assert.All(Restore(quantizer, format, grid, weights, parameters), v => Assert.True(float.IsFinite(v), $"{format.Name}: {v}"));
            }
        }
    }

    [Fact]
    public void ZeroGroupsNeedNoScaleOfTheirOwn()
    {
        var weights = new float[64];
        weights[0] = 1;
        var layout = new WeightLayout([0, 1], [4, 16], 1, 16);
        var quantized = WeightQuantizer.Quantize(weights, ElementType.Float32, layout, new(WeightFormat.Find("int4")!, new(16)));
        Assert.Single(quantized.Scale!.Materialize().ToDoubles().Distinct());
        Assert.True(quantized.SnrDb > 20);
    }

    private static float Draw(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => (float)(random.NextDouble() * 10),
        _ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())),
    };

    private static float[] Restore(GroupQuantizer quantizer, WeightFormat format, ScaleGrid grid, float[] weights, GroupParameters parameters)
    {
        var codes = new sbyte[weights.Length];
        quantizer.Encode(weights, parameters, codes);
        return Array.ConvertAll(codes, c => ((format.HasZeroPoint ? (byte)c : c) - parameters.ZeroPoint) * grid[parameters.ScaleIndex]);
    }

    private static double SquaredError(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Pow(x - (double)y, 2)).Sum();
}
