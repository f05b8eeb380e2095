using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Passes;

internal sealed partial class RandomNetworks
{
    /// <summary>Operators in the layers that exporters make of them, operands and factors in random order.</summary>
    private static Func<RandomNetworks, Value, Value?>[] SpelledOut { get; } =
    [
        static (g, x) => g.Times(g.Number(0.5), x, g.Plus(g.Number(1), g.Add(new Erf(), g.Add(new Div(), x, g.Number(1.4142135))))),
        static (g, x) => g.Times(g.Number(0.5), x, g.Plus(g.Number(1), g.Add(new Tanh(), g.Times(g.Number(0.7978846), g.Plus(x, g.Times(g.Number(0.044715), g.Add(new Pow(), x, g.Number(3)))))))),
        static (g, x) => g.Times(g.Number(1 / 6.0), x, g.Clamp(g.Plus(x, g.Number(3)), 6)),
        static (g, x) => g.Times(x, g.Add(new Sigmoid(), g.Times(g.Number(1.5), x))),
        static (g, x) => g.Times(x, g.Add(new Tanh(), g.Add(new Log(), g.Plus(g.Number(1), g.Add(new Exp(), g.Add(new Tanh(), x)))))),
        static (g, x) => g.Add(new Tanh(), x) is var t ? g.Times(t, g.Add(new Tanh(), g.Add(new Log(), g.Plus(g.Number(1), g.Add(new Exp(), t))))) : null,
        static (g, x) => g.Clamp(g.Plus(g.Times(x, g.Number(0.2)), g.Number(0.5)), 1),
        static (g, x) => g.Add(new Div(), g.Number(1), g.Plus(g.Number(1), g.Add(new Exp(), g.Add(new Neg(), g.Add(new Tanh(), x))))),
        static (g, x) => Rank(x) > 0 && Extent(x) > 1 ? g.Standardized(x, true, [-1], [Extent(x)]) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 1 ? g.Standardized(x, false, [-1], [Extent(x)]) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 ? g.Standardized(x, true, [2], [Channels(x), 1]) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 1 && Extent(x) > 0 ? g.Grouped(x) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 ? g.Normalized(g.Add(new Exp(), g.Shifted(x))) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 0 && g.Shifted(x) is var d ? g.Add(new Sub(), d, g.Add(new Log(), g.Add(new ReduceSum(), g.Add(new Exp(), d), g.Ints(-1)))) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 && Extent(x) > 0 ? g.Attended(x) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 && Extent(x) > 0 ? g.Widened(x) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 && Extent(x) is > 0 and var extent && extent % 2 == 0 ? g.Rotated(x) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 1 ? g.Standardized(x, true, [1], [Channels(x), 1]) : null,
        static (g, x) => Rank(x) > 0 && Extent(x) > 1 ? g.Times(g.Add(new LayerNormalization { Epsilon = 0.01f }, x, g.builder.Constant(Tensor.From<float>([Extent(x)], [.. Enumerable.Repeat(1f, Extent(x))]), "ones")), g.Positive(Extent(x))) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 && Extent(x) > 1 ? g.Unrolled(x) : null,
        static (g, x) => Rank(x) == 3 && Channels(x) > 0 && Extent(x) > 1 ? g.Scanned(x) : null,
    ];

    private Value Number(double number) => builder.Constant(Tensor.Scalar((float)number), "number");

    private Value Times(params Span<Value> factors) => Chain(new Mul(), factors);

    private Value Plus(params Span<Value> summands) => Chain(new Add(), summands);

    private Value Chain(Operator op, Span<Value> operands)
    {
        random.Shuffle(operands);
        var result = operands[0];
        foreach (var operand in operands[1..]) result = random.Next(2) == 0 ? Add(op, result, operand) : Add(op, operand, result);
        return result;
    }

    private Value Clamp(Value x, double most) => random.Next(2) == 0
        ? Add(new Clip(), x, Number(0), Number(most))
        : Add(new Min(), Add(new Relu(), x), Number(most));

    private Value Standardized(Value x, bool centered, long[] axes, int[] affine)
    {
        var d = centered ? Add(new Sub(), x, Add(new ReduceMean(), x, Ints(axes))) : x;
        var root = Add(new Sqrt(), Plus(Add(new ReduceMean(), Times(d, d), Ints(axes)), Number(0.01)));
        var y = random.Next(2) == 0 ? Add(new Div(), d, root) : Times(d, Add(new Reciprocal(), root));
        if (random.Next(3) == 0) return y;
        y = Times(y, Positive(affine));
        return centered ? Plus(y, Numbers(affine)) : y;
    }

    private Value Grouped(Value x)
    {
        var grouped = Add(new Reshape(), x, Ints(0, 1, -1));
        var norm = Add(new InstanceNormalization(), grouped, builder.Constant(Tensor.Vector(1f), "ones"), builder.Constant(Tensor.Vector(0f), "zeros"));
        return Plus(Times(Add(new Reshape(), norm, Ints(0, Channels(x), Extent(x))), Positive(Channels(x), 1)), Numbers(Channels(x), 1));
    }

    private Value Shifted(Value x) => Add(new Sub(), x, Add(new ReduceMax(), x, Ints(-1)));

    private Value Normalized(Value x) => Add(new Div(), x, Add(new ReduceSum(), x, Ints(-1)));

    private Value Attended(Value x)
    {
        var scores = Times(Add(new MatMul(), x, Add(new Transpose { Perm = [0, 2, 1] }, x)), Number(0.4));
        var probabilities = Add(new Softmax { Axis = -1 }, scores);
        if (random.Next(2) == 0) probabilities = Clamp(Plus(Times(probabilities, Number(1.2)), Number(-0.1)), 1);
        return Add(new MatMul(), probabilities, x);
    }

    // Halves turned against each other, by angles for each position.
    private Value Rotated(Value x)
    {
        int half = Extent(x) / 2;
        Value angles = Numbers(Channels(x), half), whole = Add(new Concat { Axis = -1 }, angles, angles);
        var turned = Add(new Concat { Axis = -1 }, Add(new Neg(), Sliced(x, half, long.MaxValue)), Sliced(x, 0, half));
        return Plus(Times(x, Add(new Cos(), whole)), Times(turned, Add(new Sin(), whole)));
    }

    // Depth to space of four copies of x [N, C, E] as [N, 4·C, 1, E]; [N, C, 2, 2·E].
    private Value Widened(Value x)
    {
        var images = Add(new Reshape(), x, Ints(0, Channels(x), 1, Extent(x)));
        var split = Add(new Reshape(), Add(new Concat { Axis = 1 }, images, images, Add(new Neg(), images), images), Ints(0, 2, 2, Channels(x), 1, Extent(x)));
        return Add(new Reshape(), Add(new Transpose { Perm = [0, 3, 4, 1, 5, 2] }, split), Ints(0, Channels(x), 2, 2 * Extent(x)));
    }

    // Steps of an LSTM with two units over the second axis, one after another; the first two features are the states at first.
    private Value Unrolled(Value x)
    {
        var (step, zero) = (Step(Extent(x)), builder.Constant(Tensor.Scalar(0L), "first"));
        Value hidden = Sliced(Add(new Gather { Axis = 1 }, x, zero), 0, 2), cell = hidden;
        for (long i = 0; i < Channels(x); i++) (hidden, cell) = step(builder, Add(new Gather { Axis = 1 }, x, builder.Constant(Tensor.Scalar(i), "index")), hidden, cell);
        return Choose(hidden, cell);
    }

    private Value Scanned(Value x)
    {
        var start = Sliced(Add(new Gather { Axis = 1 }, x, builder.Constant(Tensor.Scalar(0L), "first")), 0, 2);
        var body = new NetworkBuilder("step", builder);
        Value h = body.Input("h", start.Type), c = body.Input("c", start.Type);
        var (hidden, cell) = Step(Extent(x))(body, body.Input("x", Scan.SliceType(x.TensorType, 1)), h, c);
        body.Output("h", hidden);
        body.Output("c", cell);
        body.Output("y", hidden);
        var scan = new Scan { Body = body.Build(), NumScanInputs = 1, InputAxes = [1], OutputAxes = [1] };
        return builder.Add(scan, [start, start, x], [new OutputSpec("h"), new OutputSpec("c"), new OutputSpec("y")], "").Outputs[random.Next(3)]!;
    }

    private Func<NetworkBuilder, Value, Value, Value, (Value Hidden, Value Cell)> Step(int features)
    {
        Constant weights = Numbers(features, 8).Constant!, recurrent = Numbers(2, 8).Constant!, bias = Numbers(8).Constant!;
        return (b, x, h, c) =>
        {
            var sum = b.Add(new Add(), b.Add(new Gemm(), x, b.Constant(weights), b.Constant(bias)), b.Add(new MatMul(), h, b.Constant(recurrent)));
            var gates = b.Add(new Split { Axis = 1, NumOutputs = 4 }, [sum], [new OutputSpec("i"), new OutputSpec("f"), new OutputSpec("g"), new OutputSpec("o")], "").Outputs;
            var cell = b.Add(new Add(), b.Add(new Mul(), b.Add(new Sigmoid(), gates[1]), c), b.Add(new Mul(), b.Add(new Sigmoid(), gates[0]), b.Add(new Tanh(), gates[2])));
            return (b.Add(new Mul(), b.Add(new Sigmoid(), gates[3]), b.Add(new Tanh(), cell)), cell);
        };
    }
}
