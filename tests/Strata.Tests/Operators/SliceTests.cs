using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Slices against a walk over the indices one by one, in numbers and in symbols.</summary>
public class SliceTests
{
    private static readonly long[] Bounds = [long.MinValue, -9, -4, -3, -1, 0, 1, 2, 4, 8, long.MaxValue];
    private static readonly long[] Steps = [long.MinValue, -3, -2, -1, 1, 2, 3, long.MaxValue];

    [Fact]
    public void TakesWhatAWalkMeets()
    {
        foreach (var (start, end, step) in Cases())
        {
            for (int extent = 0; extent <= 6; extent++)
            {
                var x = Tensor.Vector<long>([.. Enumerable.Range(0, extent).Select(i => (long)i)]);
                var y = ShapeProbe.Run(new Slice(), x, Tensor.Vector(start), Tensor.Vector(end), null, Tensor.Vector(step));
                Assert.Equal(Walk(extent, start, end, step), y.ToInt64s());
            }
        }
    }

    [Fact]
    public void SymbolsTakeEveryValue()
    {
        foreach (var (start, end, step) in Cases())
        {
            var probe = new ShapeProbe();
            var type = probe.Builder.Add(new Slice(), probe.F32("N"), probe.Ints(start), probe.Ints(end), null, probe.Ints(step)).TensorType;
            for (int extent = 0; extent <= 12; extent++)
            {
                if (type.Shape![0].Evaluate(s => s == "N" ? extent : null) is { } count) Assert.Equal(Walk(extent, start, end, step).Length, count);
                else Assert.True(step < 0, $"[{start}:{end}:{step}] lost its extent");
            }
        }
    }

    private static IEnumerable<(long Start, long End, long Step)> Cases() => from start in Bounds from end in Bounds from step in Steps select (start, end, step);

    // ONNX's rule: bounds count from the end when negative, then the walk stays inside. Backwards a start before the first
    // element is the first ("clamped to [0, dims - 1]"), where NumPy takes nothing.
    private static long[] Walk(int extent, long start, long end, long step)
    {
        var taken = new List<long>();
        Int128 first = start < 0 ? (Int128)start + extent : start, last = end < 0 ? (Int128)end + extent : end;
        if (step > 0)
        {
            for (Int128 i = Int128.Max(first, 0); i < Int128.Min(last, extent); i += step) taken.Add((long)i);
        }
        else
        {
            for (Int128 i = Int128.Min(Int128.Max(first, 0), extent - 1); i > Int128.Max(last, -1); i += step) taken.Add((long)i);
        }
        return [.. taken];
    }
}
