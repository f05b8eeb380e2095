using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Passes;

/// <summary>Networks of random layers on one shape and its reshapes, rich in what the passes look for.</summary>
internal static class RandomNetworks
{
    public static Network Create(int seed)
    {
        var random = new Random(seed);
        var builder = new NetworkBuilder($"random {seed}");
        var values = new List<Value> { builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("N"), 3, 4])), builder.Input("z", new TensorType(ElementType.Float32, [2, 3, 4])) };
        for (int i = 0; i < 3; i++) values.Add(builder.Constant(Ramp(random.Next(2)), "c"));
        int count = 5 + random.Next(20);
        for (int i = 0; i < count; i++)
        {
            var x = values[random.Next(values.Count)];
            int rank = x.TensorType.Rank!.Value;
            var partner = values.Where(v => v.TensorType.Shape!.Equals(x.TensorType.Shape)).ToArray() is var same ? same[random.Next(same.Length)] : x;
            values.Add(random.Next(8) switch
            {
                0 => builder.Add(new Identity(), x),
                1 => builder.Add(new Cast { To = ElementType.Float32 }, x),
                2 => builder.Add(new Transpose { Perm = [.. Shuffled(random, rank)] }, x),
                3 => builder.Add(new Reshape(), x, builder.Constant(Target(random, x), "shape")),
                4 => builder.Add(new Neg(), x),
                5 => builder.Add(new Relu(), x),
                6 => builder.Add(new Add(), x, partner),
                _ => builder.Add(new Mul(), x, partner),
            });
        }
        for (int i = 0; i < 3; i++) builder.Output($"y{i}", values[^(1 + random.Next(Math.Min(6, values.Count)))]);
        return builder.Build();
    }

    private static IEnumerable<long> Shuffled(Random random, int rank)
    {
        int[] order = [.. Enumerable.Range(0, rank)];
        random.Shuffle(order);
        return order.Select(i => (long)i);
    }

    // Ranks 1 to 3 from −1 and what divides 12, or the operand's own dimensions.
    private static Tensor Target(Random random, Value x) => random.Next(4) switch
    {
        0 => Tensor.Vector<long>(-1),
        1 => Tensor.Vector<long>(-1, 12),
        2 => Tensor.Vector<long>(-1, 2, 6),
        _ => Tensor.Vector<long>([.. Enumerable.Repeat(0L, x.TensorType.Rank!.Value)]),
    };

    private static Tensor Ramp(int from) => Tensor.From<float>([2, 3, 4], [.. Enumerable.Range(from, 24).Select(i => i / 4f - 2)]);
}
