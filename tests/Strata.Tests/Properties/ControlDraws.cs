using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Nested networks that capture values of the outer one.</summary>
internal static class ControlDraws
{
    // In a body that runs many times nothing may depend on the elements of the first time.
    private static readonly Operator[] Steady = [new Add(), new Mul(), new Max(), new Sub()];

    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("if", Branch),
        new("loop", Repeat),
        new("scan", Walk),
        new("sequence_map", Map),
    ];

    private static void Branch(NetworkGenerator g)
    {
        NetworkGenerator then = g.Body("then"), other = g.Body("else");
        var rows = g.IsNested ? ElementwiseDraws.Rows : OperatorDraw.All;
        var type = g.Numeric();
        var left = Result(then);
        var right = Result(other);
        // Both bodies take the same captured values.
        var shared = then.Captured.Union(other.Captured).ToArray();
        var condition = g.Exactly(ElementType.Bool, g.Chance(0.5) ? [] : [1]);
        var (thenBody, elseBody) = (Close(then, left, shared), Close(other, right, shared));
        g.Add(new If { Then = thenBody, Else = elseBody }, [condition, .. shared]);

        Value Result(NetworkGenerator body)
        {
            for (int i = g.Next(0, 3); i > 0; i--) rows[g.Next(0, rows.Count - 1)].Draw(body);
            return body.Add(new Identity(), body.Any(() => type));
        }
    }

    // Captured inputs stand in the order of the layer's operands.
    private static Network Close(NetworkGenerator body, Value result, IReadOnlyList<Value> captured)
    {
        Value[] order = [.. captured.Select(body.Capture)];
        return body.BuildInOrder(order, result);
    }

    private static void Repeat(NetworkGenerator g)
    {
        var x = g.Any(() => ElementType.Float32, 0, 3);
        int[] dims = g.DimsOf(x);
        var body = g.Body("body");
        var number = body.BodyInput("i", new TensorType(ElementType.Int64, Shape.Scalar), Tensor.Scalar(0L));
        body.BodyInput("go", new TensorType(ElementType.Bool, Shape.Scalar), Tensor.Scalar(true));
        var carried = body.BodyInput("carried", new TensorType(ElementType.Float32, Shape.Of(dims)), g.At(x));
        var captured = body.Capture(g.Pick(t => t.ElementType == ElementType.Float32 && t.Dims.AsSpan().SequenceEqual(dims), () => g.Draw(ElementType.Float32, dims)));
        var next = body.Add(g.Choose(Steady), carried, g.Chance(0.5) ? captured : body.Add(new Tanh(), captured));
        var scanned = body.Add(new Mul(), body.Add(new Cast { To = ElementType.Float32 }, number), carried);
        var go = body.Add(new Less(), number, body.Constant(Tensor.Scalar((long)g.Next(0, 3))));
        var network = body.BuildInOrder(body.Captured.Select(body.Capture).ToArray(), go, next, scanned);
        // The extents of what no iteration gave are known from the static type alone, which an import may know less of.
        int least = body.Captured.Append(x).Any(v => v.TensorType.Shape?.Constant is null) ? 1 : 0;
        g.AddMany(new Loop { Body = network, Captures = body.Captured.Count }, 2, 1,
            [g.Small(Tensor.Scalar((long)g.Next(least, 4))), g.Chance(0.5) ? null : g.Constant(Tensor.Scalar(true)), x, .. body.Captured]);
    }

    private static void Walk(NetworkGenerator g)
    {
        int steps = g.Next(1, 3), n = g.Next(1, 3);
        bool last = g.Chance(0.3);
        var state = g.Exactly(ElementType.Float32, n);
        var scanned = g.Exactly(ElementType.Float32, last ? [n, steps] : [steps, n]);
        var body = g.Body("step");
        var inner = body.BodyInput("state", new TensorType(ElementType.Float32, Shape.Of(n)), g.At(state));
        var slice = body.BodyInput("slice", new TensorType(ElementType.Float32, Shape.Of(n)), Tensor.Zeros(ElementType.Float32, n));
        var captured = body.Capture(g.Exactly(ElementType.Float32, n));
        var next = body.Add(g.Choose(Steady), inner, slice);
        var stacked = body.Add(g.Choose(Steady), next, captured);
        var network = body.BuildInOrder(body.Captured.Select(body.Capture).ToArray(), next, stacked);
        g.AddMany(new Scan { Body = network, NumScanInputs = 1, Captures = body.Captured.Count, InputAxes = last ? [1] : [], InputDirections = g.Chance(0.3) ? [1] : [], OutputAxes = g.Chance(0.3) ? [1] : [] }, 2, 1,
            [state, scanned, .. body.Captured]);
    }

    private static void Map(NetworkGenerator g)
    {
        var sequence = g.Add(new SequenceConstruct(), g.Exactly(ElementType.Float32, 2, 3), g.Exactly(ElementType.Float32, 2, 3));
        var body = g.Body("each");
        var item = body.BodyInput("item", new TensorType(ElementType.Float32, Shape.Of(2, 3)), Tensor.Zeros(ElementType.Float32, 2, 3));
        var captured = body.Capture(g.Exactly(ElementType.Float32, 3));
        var result = body.Add(g.Choose(Steady), item, captured);
        g.Add(new SequenceMap { Body = body.BuildInOrder(body.Captured.Select(body.Capture).ToArray(), result), Captures = body.Captured.Count }, [sequence, .. body.Captured]);
    }
}
