using Strata.Kernels;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>
/// Transposed convolutions of whole numbers, which no order of additions rounds: every kernel row gives exactly the sums of the definition.
/// STRATA_CONV_TRANSPOSES asks for more networks than the suite draws.
/// </summary>
public class SubFilterTests
{
    private const int Blocks = 8;

    private static readonly int PerBlock = int.TryParse(Environment.GetEnvironmentVariable("STRATA_CONV_TRANSPOSES"), out int wanted) ? (wanted + Blocks - 1) / Blocks : 250;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Blocks)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void EveryRowIsExact(int seed)
    {
        var random = new Random(seed);
        var rows = new HashSet<string>();
        for (int done = 0; done < PerBlock;)
        {
            var draw = DrawnConvTranspose.From(random);
            if (draw.Expected() is not { } expected) continue;
            done++;
            bool isConstant = random.Next(2) == 0;
            Tensor?[] inputs = [draw.X, draw.W, draw.Bias];
            var request = KernelProbe.Request(draw.Operator, inputs, [expected], [false, isConstant, isConstant]);
            foreach (var row in KernelTable.Supporting(request))
            {
                rows.Add(row.Name);
                var result = KernelProbe.Run(row.Create(request), request, inputs, reversed: random.Next(2) == 0)[0];
                Assert.True(result.Span<float>().SequenceEqual(expected.Span<float>()), $"{row.Name}, {draw}");
            }
        }
        Assert.Contains(rows, r => r.StartsWith("convtranspose.split.direct.", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.StartsWith("convtranspose.scatter.", StringComparison.Ordinal));
        Assert.Contains("convtranspose.split.scalar", rows);
    }
}
