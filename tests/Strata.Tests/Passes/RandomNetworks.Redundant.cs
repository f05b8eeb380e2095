using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Passes;

internal sealed partial class RandomNetworks
{
    /// <summary>What exporters write though fewer layers, or none, compute it.</summary>
    private static Func<RandomNetworks, Value, Value?>[] Redundant { get; } =
    [
        static (g, x) => g.Add(new Dropout(), x),
        static (g, x) => g.Add(g.Choose<Operator>(new Mul(), new Div()), x, g.Number(1)),
        static (g, x) => g.Add(g.Choose<Operator>(new Sum(), new Mean()), x),
        static (g, x) => g.Add(new Where(), g.builder.Constant(Tensor.Scalar(g.random.Next(2) == 0), "chosen"), x, g.Partner(x)),
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 ? g.Add(new Sub(), x, g.Add(new Expand(), g.Add(new ReduceMax(), x, g.Ints(-1)), g.Ints(Extent(x)))) : null,
        static (g, x) => g.Add(new Cast { To = ElementType.Float32 }, g.Add(new Cast { To = ElementType.Float64 }, x)),
        static (g, x) => g.Choose<Operator>(new Relu(), new Neg()) is var op ? g.Add(op, g.Add(op, x)) : null,
        static (g, x) => g.Add(new Clip(), g.Add(new Relu(), x), g.Number(-1), g.Number(2)),
        static (g, x) => Rank(x) == 3 ? g.Add(new Pad(), g.Add(new Pad(), x, g.Ints(0, 0, 1, 0, 0, 0)), g.Ints(0, 0, 0, 0, 0, 1)) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 ? g.Add(new Conv(), g.Add(new Pad(), x, g.Ints(0, 0, 1, 0, 0, 1)), g.Numbers(3, Channels(x), 2)) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 2 ? g.Sliced(g.Sliced(x, 0, Extent(x) - 1), 1, long.MaxValue) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 ? g.Sliced(g.Add(new Concat { Axis = -1 }, x, g.Partner(x)), 0, Extent(x)) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 1 ? g.Add(new Concat { Axis = -1 }, g.Sliced(x, 0, 1), g.Sliced(x, 1, long.MaxValue)) : null,
        static (g, x) => HasSixths(x) && g.Add(new Reshape(), g.Add(new Tanh(), x), g.Ints(-1, 6)) is var matrix ? g.Add(new Gemm { Alpha = 0.25f }, g.Add(new Transpose(), matrix), matrix) : null,
        static (g, x) => g.Choose<Operator>(new Add(), new Mul()) is var op ? g.Add(op, g.Add(op, x, g.Positive()), g.Positive()) : null,
        static (g, x) => g.Add(new Transpose(), g.Add(new Tanh(), g.Add(new Transpose(), x))),
        static (g, x) => g.Add(g.Choose<Operator>(new Max(), new Min()), x, g.Number(0.5f)),
        static (g, x) => g.Add(new Pow(), g.Add(new Tanh(), x), g.Number(2)),
        static (g, x) => Rank(x) == 2 && Extent(x) > 0 ? g.Add(new Transpose { Perm = [1, 2, 0] }, g.Add(new Unsqueeze(), g.Add(new Tanh(), x), g.Ints(0))) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 ? g.Add(new ReduceMean(), g.Add(new MatMul(), x, g.Add(new Transpose(), g.Add(new DequantizeLinear(), g.Codes(400, Extent(x)), g.Number(0.125f)))), g.Ints(-1)) : null,
        static (g, x) => Rank(x) == 3 ? g.Add(new Transpose(), g.Dequantized(g.Add(new Transpose(), x))) : null,
    ];

    // By the scale 1/8 and the zero point 128.
    private Value Dequantized(Value x)
    {
        var (scale, zero) = (Number(0.125f), builder.Constant(Tensor.From<byte>([], [128]), "zero"));
        return Add(new DequantizeLinear(), Add(new QuantizeLinear(), x, scale, zero), scale, zero);
    }

    // More of them than constant folding makes floats of.
    private Value Codes(params ReadOnlySpan<int> dims)
    {
        var codes = new sbyte[Tensor.CountOf(dims)];
        for (int i = 0; i < codes.Length; i++) codes[i] = (sbyte)random.Next(-8, 8);
        return builder.Constant(Tensor.From<sbyte>(dims, codes), "codes");
    }

    private Value Sliced(Value x, long from, long to) => Add(new Slice(), x, Ints(from), Ints(to), Ints(-1));
}
