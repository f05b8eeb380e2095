using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Passes;

/// <summary>Networks of random smooth layers, rich in what the passes look for.</summary>
internal sealed partial class RandomNetworks
{
    private readonly Random random;
    private readonly NetworkBuilder builder;
    private readonly List<Value> values;

    private RandomNetworks(int seed)
    {
        (random, builder) = (new Random(seed), new NetworkBuilder($"random {seed}"));
        values = [Input("x", Dim.Symbol("N"), 3, 4), Input("z", 2, 3, 4), Input("m", Dim.Symbol("N"), 6)];
        for (int i = 0; i < 3; i++) values.Add(builder.Constant(Ramp(random.Next(2)), "c"));
    }

    /// <summary>A network of layers that the passes merge and fold and, where wanted, of operators in the layers that exporters make of them, or of layers that change little.</summary>
    public static Network Create(int seed, bool spelledOut = false, bool redundant = false) => new RandomNetworks(seed).Build(5, 25, spelledOut ? SpelledOut : redundant ? Redundant : null);

    private Network Build(int least, int most, Func<RandomNetworks, Value, Value?>[]? others)
    {
        int count = random.Next(least, most);
        for (int i = 0; i < count; i++)
        {
            // What was computed last is likely to be used next, so that chains arise.
            var x = random.Next(2) == 0 ? values[^1] : values[random.Next(values.Count)];
            var draws = others is not null && random.Next(3) == 0 ? others : Draws;
            if (draws[random.Next(draws.Length)](this, x) is { } y) values.Add(y);
        }
        for (int i = 0; i < 3; i++) builder.Output($"y{i}", values[^(1 + random.Next(Math.Min(6, values.Count)))]);
        return builder.Build();
    }

    /// <summary>Layers on a value, or null where its shape does not suit them.</summary>
    private static Func<RandomNetworks, Value, Value?>[] Draws { get; } =
    [
        static (g, x) => g.Add(new Identity(), x),
        static (g, x) => g.Add(new Cast { To = ElementType.Float32 }, x),
        static (g, x) => g.Add(new Transpose { Perm = [.. g.Shuffled(Rank(x))] }, x),
        static (g, x) => g.Add(new Reshape(), x, g.Ints(g.Target(x))),
        static (g, x) => g.Add(new Neg(), x),
        static (g, x) => g.Add(new Relu(), x),
        static (g, x) => g.Add(new Tanh(), x),
        static (g, x) => g.Add(new Add(), x, g.Partner(x)),
        static (g, x) => g.Add(new Mul(), x, g.Add(new Tanh(), g.Partner(x))),
        static (g, x) => g.Add(g.Choose<Operator>(new Add(), new Sub(), new Mul(), new Div()), x, g.PerChannel(x)),
        static (g, x) => g.Add(g.Choose<Operator>(new Add(), new Mul()), g.PerChannel(x), x),
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 ? g.Add(new BatchNormalization(), x, g.Positive(Channels(x)), g.Numbers(Channels(x)), g.Numbers(Channels(x)), g.Positive(Channels(x))) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 ? g.Add(new Conv { Window = new() { Pads = g.Choose<long[]>([0, 0], [1, 0]) is var pads ? [.. pads] : [] } }, x, g.Numbers(3, Channels(x), 1), g.Choose(null, g.Numbers(3))) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 ? g.Add(new ConvTranspose(), x, g.Numbers(Channels(x), 3, 1)) : null,
        static (g, x) => Rank(x) == 2 && Extent(x) > 0 ? g.Add(new Gemm { Alpha = 0.5f, TransB = true }, x, g.Numbers(6, Extent(x)), g.Choose(null, g.Numbers(6))) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 ? g.Add(new MatMul(), x, g.Numbers(Extent(x), Extent(x))) : null,
    ];

    private Value Add(Operator op, params ReadOnlySpan<Value?> operands) => builder.Add(op, operands);

    private T Choose<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

    private static int Rank(Value x) => x.TensorType.Rank!.Value;

    // 0 where only the run knows.
    private static int Channels(Value x) => Rank(x) < 2 ? 0 : (int)(x.TensorType.Shape![1].Constant ?? 0);

    private static int Extent(Value x) => (int)(x.TensorType.Shape!.Dims[^1].Constant ?? 0);

    private Value Input(string name, params ReadOnlySpan<Dim> dims) => builder.Input(name, new TensorType(ElementType.Float32, Shape.Create(dims)));

    private Value Partner(Value x) => Choose([.. values.Where(v => v.TensorType.Shape!.Equals(x.TensorType.Shape))]);

    private Value Ints(params ReadOnlySpan<long> elements) => builder.Constant(Tensor.Vector(elements), "shape");

    // One number, or one per index of the second dimension.
    private Value PerChannel(Value x)
    {
        if (Channels(x) == 0 || random.Next(3) == 0) return Positive();
        return Positive([Channels(x), .. Enumerable.Repeat(1, Rank(x) - 2)]);
    }

    private Value Positive(params ReadOnlySpan<int> dims) => Draw(0.5, dims);

    private Value Numbers(params ReadOnlySpan<int> dims) => Draw(-0.75, dims);

    private Value Draw(double least, ReadOnlySpan<int> dims)
    {
        var elements = new float[Tensor.CountOf(dims)];
        for (int i = 0; i < elements.Length; i++) elements[i] = (float)(least + random.Next(7) / 4.0);
        return builder.Constant(Tensor.From<float>(dims, elements), "c");
    }

    private IEnumerable<long> Shuffled(int rank)
    {
        int[] order = [.. Enumerable.Range(0, rank)];
        random.Shuffle(order);
        return order.Select(i => (long)i);
    }

    // Ranks 1 to 3 from −1 and 6, where 6 divides the elements, or the operand's own dimensions.
    private long[] Target(Value x) => random.Next(4) switch
    {
        0 => [-1],
        1 when HasSixths(x) => [-1, 6],
        2 when HasSixths(x) => [-1, 3, 2],
        _ => [.. Enumerable.Repeat(0L, Rank(x))],
    };

    private static bool HasSixths(Value x) => x.TensorType.Shape!.Count is var count && (Dim.FloorDiv(count, 6) * 6).Equals(count);

    private static Tensor Ramp(int from) => Tensor.From<float>([2, 3, 4], [.. Enumerable.Range(from, 24).Select(i => i / 4f - 2)]);
}
