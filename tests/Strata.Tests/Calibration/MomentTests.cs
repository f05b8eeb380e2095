using Strata.Compiler.Calibration;
using Strata.Execution;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;
using Strata.Tests.Passes;

namespace Strata.Tests.Calibration;

/// <summary>Moments of what weights are multiplied with: a row's weights w turn them into the sum of squares of what the layer computes, wᵀ·M·w.</summary>
public class MomentTests
{
    [Theory]
    [InlineData("input %x : f32[2, 6, 9, 7]", "f32[4, 3, 3, 2]", "conv(%x, %w) {group = 2, strides = [2, 1], pads = [1, 0, 2, 1], dilations = [1, 2]}", 1)]
    [InlineData("input %x : f32[1, 5, 8, 8]", "f32[5, 1, 3, 3]", "conv(%x, %w) {group = 5, auto_pad = \"SAME_UPPER\"}", 1)]
    [InlineData("input %x : f32[3, 4, 20]", "f32[6, 4, 5]", "conv(%x, %w) {strides = [3]}", 1)]
    [InlineData("input %x : f32[3, 4, 6, 5, 4]", "f32[2, 4, 2, 2, 2]", "conv(%x, %w)", 1)]
    [InlineData("input %x : f32[3, 5, 8]", "f32[8, 6]", "matmul(%x, %w)", -1)]
    [InlineData("input %x : f32[7, 8]", "f32[8, 6]", "gemm(%x, %w)", -1)]
    [InlineData("input %x : f32[7, 8]", "f32[6, 8]", "gemm(%x, %w) {transB = true}", -1)]
    public void TheyGiveTheSquaresOfTheResults(string input, string weight, string layer, int channelAxis)
    {
        var network = RuleTest.Parse($"{input}\nconst %w : {weight} = @{new string('0', 64)}\n%y = {layer}\noutput \"y\" = %y");
        var sets = Sets(network, 3);
        var constant = network.Constants[0].Constant!;
        var moments = Gather(network, sets)[constant];
        var expected = new Dictionary<int, double>();
        foreach (var set in sets)
        {
            var y = (Tensor)new Interpreter(network).Run(set)[0]!;
            int axis = channelAxis < 0 ? y.Rank - 1 : channelAxis, inner = y.Dims.Skip(axis + 1).Aggregate(1, (p, d) => p * d);
            double[] values = y.ToDoubles();
            for (int i = 0; i < values.Length; i++)
            {
                int channel = i / inner % y.Dims[axis];
                expected[channel] = expected.GetValueOrDefault(channel) + values[i] * values[i];
            }
        }
        var op = network.Layers[0];
        var matrix = WeightLayout.Of(op, 1, WeightGroups.Channel)!.MatrixOf(op, 1)!;
        double[] w = constant.Materialize().ToDoubles();
        Assert.Equal((matrix.Groups, matrix.Columns), (moments.Groups, moments.Columns));
        for (int row = 0; row < matrix.Rows; row++)
        {
            double form = 0;
            for (int i = 0; i < matrix.Columns; i++)
            {
                for (int j = 0; j < matrix.Columns; j++)
                    form += w[matrix[row, i]] * moments.Sums(row / (matrix.Rows / matrix.Groups), 0)[i * matrix.Columns + j] * w[matrix[row, j]];
            }
            Assert.Equal(1, form / expected[row], 4);
        }
    }

    [Fact]
    public void ManyVectorsAreThinnedEvenly()
    {
        var network = RuleTest.Parse($"input %x : f32[50000, 4]\nconst %w : f32[4, 4] = @{new string('0', 64)}\n%y = matmul(%x, %w)\noutput \"y\" = %y");
        var moments = Gather(network, Sets(network, 2))[network.Constants[0].Constant!];
        Assert.InRange(moments.Count, 4096, 4400);
        // Uniform in [−1, 1): a mean square of a third.
        Assert.All(Enumerable.Range(0, 4), c => Assert.Equal(1.0 / 3, moments.Importance(0, c), 1));
    }

    [Fact]
    public void RecurrencesAndWideWeightsHaveMomentsToo()
    {
        var network = RuleTest.Parse($"""
            input %x : f32[5, 2, 3]
            input %z : f32[40, 1100]
            const %w : f32[2, 16, 3] = @{new string('0', 64)}
            const %r : f32[2, 16, 4] = @{new string('0', 64)}
            const %v : f32[1100, 2] = @{new string('0', 64)}
            %y = lstm(%x, %w, %r) {"{direction = \"bidirectional\", hidden_size = 4}"}
            %u = matmul(%z, %v)
            output "y" = %y
            output "u" = %u
            """);
        var moments = Gather(network, Sets(network, 1));
        var recurrence = moments[network.Constants.Single(c => c.Name == "w").Constant!];
        Assert.Equal((2, 3, 10L), (recurrence.Groups, recurrence.Columns, recurrence.Count));
        Assert.True(recurrence.Sums(0, 0).SequenceEqual(recurrence.Sums(1, 0)));
        var wide = moments[network.Constants.Single(c => c.Name == "v").Constant!];
        Assert.Equal((2, 1024, 76), (wide.BlockCount, wide.Block(0).Length, wide.Block(1).Length));
        Assert.True(wide.Importance(0, 1050) > 0.1f);
        Assert.DoesNotContain(network.Constants.Single(c => c.Name == "r").Constant!, moments.Keys);
    }

    private static RuntimeValue?[][] Sets(Network network, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Strata.Compiler.Fidelity.RandomInputs.Create(network, (ulong)i, new Dictionary<string, long>()))];

    private static Dictionary<Constant, InputMoments> Gather(Network network, RuntimeValue?[][] sets) =>
        new Strata.Compiler.Calibration.Calibration(sets, 2, null, default).Run(network, 1);
}
